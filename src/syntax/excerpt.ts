import {
  endOfLine,
  lineBefore,
  lineFrom,
  startOfLine,
  type Line,
} from "./lines";

/** Lines that are kept before the line of the cursor, and after it. */
const near = 12;
/** Lines that the head of a block may have. */
const longestHead = 8;
/** UTF-16 units of an excerpt; parsing more takes too long. */
const maxLength = 8192;

/** A line that goes on with what the lines above begin, with the same indentation as these. */
const continues =
  /^\s*(?:[)\]}{.?:|]|&&|<\/|(?:else|elif|elsif|except|finally|catch|rescue|ensure|when|case|default|then|do|done|end|fi|esac|where|while)\b)/;
/** A line that opens a block. */
const opens = /(?:[{([:]|=>|\b(?:then|do|else))\s*$/;
const closesBrace = /^\s*}/;
/** The head of a block of C or C++ whose contents are not indented. */
const unindented = /^(?:namespace\b|extern ").*\{\s*\n(?=\S)/gm;
const annotation = /^\s*@/;

/** A part of a text around a range of it. */
export interface Excerpt {
  readonly text: string;
  /** Where the range starts in the excerpt. */
  readonly start: number;
  /** The lines of the range in the excerpt, with their line break. */
  readonly lineStart: number;
  readonly lineEnd: number;
}

/**
 * What is needed of a text to tell whether an insertion adds a syntax error: the lines around it,
 * up to whole statements, and the heads and ends of the blocks around these.
 *
 * Blocks are told by their indentation, not by a tree: so the excerpt depends on the text alone,
 * not on how a parser recovered from errors, and errors elsewhere do not matter. An unusual layout
 * may give an excerpt that has an error before the range, or one that only ends early.
 *
 * @param start of the range that is replaced, in UTF-16 units
 * @returns undefined where the excerpt would be longer than 8,192 UTF-16 units
 */
export function excerptAround(
  text: string,
  start: number,
  end: number,
): Excerpt | undefined {
  const lineStart = startOfLine(text, start);
  const lineEnd = endOfLine(text, end);
  if (lineEnd - lineStart > maxLength) return undefined;
  const { from, level } = statementsBefore(text, lineStart);
  const heads = headsBefore(text, from, level);
  const { to, outer } = statementsAfter(text, lineEnd, level);
  const length = heads.length + to - from;
  if (length > maxLength) return undefined;
  const kept = text.slice(from, to);
  const namespaces = kept.match(unindented)?.length ?? 0;
  const ends = endsAfter(text, to, outer) + "}\n".repeat(namespaces);
  return {
    text: heads + kept + ends,
    start: heads.length + start - from,
    lineStart: heads.length + lineStart - from,
    lineEnd: heads.length + lineEnd - from,
  };
}

/**
 * Where the statements start that belong to the lines before an offset, and the least indentation
 * from there on.
 */
function statementsBefore(text: string, lineStart: number) {
  let level = lineFrom(text, lineStart).indentation ?? Infinity;
  let at = lineStart;
  for (let count = 1; at > 0 && lineStart - at <= maxLength; count++) {
    const line = lineBefore(text, at);
    at = line.start;
    if (line.indentation === undefined || line.indentation > level) continue;
    const mayStart = count >= near && !continues.test(line.text);
    if (
      mayStart &&
      (isInLiteral(text, at) || endsTemplate(text, at, lineStart))
    )
      continue;
    level = line.indentation;
    if (mayStart) break;
  }
  return { from: at, level };
}

/** The heads of the blocks around a statement with an indentation, the outermost first. */
function headsBefore(text: string, from: number, level: number): string {
  let heads = "";
  let outer = level;
  let at = from;
  let next = from;
  while (at > 0 && outer > 0) {
    const line = lineBefore(text, at);
    at = line.start;
    if (line.indentation === undefined || line.indentation >= outer) continue;
    outer = line.indentation;
    const end = endOfHead(text, line, next);
    if (continues.test(line.text)) at = startOfHead(text, line);
    heads = text.slice(at, end) + heads;
    next = at;
  }
  // Before it all is text to PHP.
  const php = /^<\?php\s/.exec(text)?.[0];
  return php !== undefined && next > 0 ? php + heads : heads;
}

/** Where a head with several lines ends; the end of its first line if it has no others. */
function endOfHead(text: string, first: Line, next: number): number {
  if (opens.test(first.text)) return first.end;
  let at = first.end;
  for (let count = 1; count < longestHead && at < next; count++) {
    const line = lineFrom(text, at);
    at = line.end;
    if (line.text.trimStart().startsWith("{")) return at;
    if ((line.indentation ?? Infinity) <= first.indentation!) break;
    if (opens.test(line.text)) return at;
  }
  return first.end;
}

/** Where the statement or head starts with which a line goes on. */
function startOfHead(text: string, last: Line): number {
  let at = last.start;
  while (at > 0 && last.start - at <= maxLength) {
    const line = lineBefore(text, at);
    at = line.start;
    if ((line.indentation ?? Infinity) > last.indentation!) continue;
    if (!continues.test(line.text)) break;
  }
  return at;
}

/**
 * Where the statements end that belong to the lines after an offset, and the least indentation of
 * these and of the statements before.
 */
function statementsAfter(text: string, lineEnd: number, level: number) {
  let outer = level;
  let last = lineEnd > 0 ? lineBefore(text, lineEnd) : undefined;
  let to = lineEnd;
  let at = lineEnd;
  for (let count = 1; at < text.length && at - lineEnd <= maxLength; count++) {
    const line = lineFrom(text, at);
    at = line.end;
    // It belongs to what comes after it.
    if (annotation.test(line.text)) continue;
    const { indentation } = line;
    if (indentation !== undefined) {
      if (indentation <= outer) {
        const mayEnd =
          count > near
            ? !continues.test(line.text)
            : endsUnindented(line, last?.indentation, last?.text);
        if (mayEnd && !isInLiteral(text, line.start)) break;
        outer = indentation;
      }
      last = line;
    }
    to = at;
  }
  return { to, outer };
}

/** Whether a line closes a block whose contents are not indented, as those of C++ namespaces. */
function endsUnindented(line: Line, before = -1, textBefore = ""): boolean {
  return (
    line.indentation === before &&
    closesBrace.test(line.text) &&
    !opens.test(textBefore)
  );
}

/** The ends of the blocks around the statements before an offset, the innermost first. */
function endsAfter(text: string, to: number, level: number): string {
  let ends = "";
  let outer = level;
  let at = to;
  /** Whether the last end opens another block, such as `} else {`. */
  let isOpen = false;
  while (at < text.length && outer > 0 && ends.length < maxLength) {
    const line = lineFrom(text, at);
    at = line.end;
    const { indentation = Infinity } = line;
    const isOutside: boolean =
      indentation < outer || (isOpen && indentation === outer);
    const isEnd: boolean = isOutside && continues.test(line.text);
    if (isOpen || isEnd) ends += line.text;
    if (!isOutside) continue;
    outer = indentation;
    isOpen = isEnd && opens.test(line.text);
  }
  return ends;
}

/** Whether lines start in a string in backticks: the first one that stands alone closes it. */
function endsTemplate(text: string, from: number, to: number): boolean {
  const lines = text.slice(from, to);
  const alone = lines.search(/^`[;),\]]*\s*$/m);
  return alone >= 0 && lines.slice(0, alone).split("`").length % 2 === 1;
}

/** Whether a line is inside a comment or a string of several lines. */
function isInLiteral(text: string, lineStart: number): boolean {
  let quotes = 0;
  for (let at = -3; ; quotes++) {
    at = text.indexOf('"""', at + 3);
    if (at < 0 || at >= lineStart) break;
  }
  const opened = text.lastIndexOf("/*", lineStart - 1);
  const closed = text.lastIndexOf("*/", lineStart - 1);
  // Paths in strings have these signs, too.
  const isComment =
    opened > closed &&
    text.slice(startOfLine(text, opened), opened).trim() === "";
  return isComment || quotes % 2 === 1;
}
