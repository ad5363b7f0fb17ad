/** Lines around the cursor that are kept whole, before and after it. */
const near = 12;
/** Lines that the head of a block may have. */
const longestHead = 8;
/** UTF-16 units above which an excerpt saves too little time. */
const maxLength = 8192;

/** A line that goes on with a statement, or the head of a block, of the lines above. */
const continues =
  /^\s*(?:[)\]}{.?:|]|&&|<\/|(?:else|elif|elsif|except|finally|catch|rescue|ensure|when|case|default|then|do|done|end|fi|esac|where|while)\b)/;
/** A line that opens a block. */
const opens = /(?:[{([:]|=>|\b(?:then|do|else))\s*$/;
/** Blank lines, comments, directives and labels: their indentation says nothing about blocks. */
const ignored = /^\s*(?:$|\/\/|\/?\*|[#@])|^(?:public|private|protected):/;
const tabWidth = 4;

/** A part of a text, shorter by what is left out before and after `start`. */
export interface Excerpt {
  readonly text: string;
  /** The given offset, in the excerpt. */
  readonly start: number;
  /** The line of the range, with its line break. */
  readonly lineStart: number;
  readonly lineEnd: number;
}

interface Line {
  readonly start: number;
  /** After the line break. */
  readonly end: number;
  /** Columns of white space before it; undefined where they say nothing about blocks. */
  readonly indentation: number | undefined;
  readonly text: string;
}

/**
 * What is needed of a text to tell whether an insertion adds a syntax error: the lines around it,
 * up to whole statements, and the heads and ends of the blocks around these.
 *
 * Blocks are told by their indentation, not by a tree: so the excerpt depends on the text alone,
 * not on how a parser recovered from errors, and errors elsewhere do not matter.
 *
 * @param start the range that is replaced, as UTF-16 offsets
 * @returns undefined where the excerpt would be long
 */
export function excerptAround(
  text: string,
  start: number,
  end: number,
): Excerpt | undefined {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = endOfLine(text, end);
  if (lineEnd - lineStart > maxLength) return undefined;
  const own =
    lineAt(text, lineStart, lineEnd).indentation ?? Number.POSITIVE_INFINITY;
  const { heads, from, level } = above(text, lineStart, own);
  const { to, ends } = below(text, lineEnd, level);
  const head = heads.join("");
  const length = head.length + (to - from) + ends.length;
  if (length > maxLength) return undefined;
  return {
    text: head + text.slice(from, to) + ends,
    start: head.length + start - from,
    lineStart: head.length + lineStart - from,
    lineEnd: head.length + lineEnd - from,
  };
}

/** The start of the lines kept before an offset, and the heads of the blocks around them. */
function above(text: string, lineStart: number, own: number) {
  const least = lineStart - maxLength;
  const quotes = quotesIn(text.slice(0, lineStart));
  let from = lineStart;
  let level = own;
  let count = 0;
  // Up to the start of a statement in the outermost block that the lines are of.
  while (from > 0 && from > least) {
    const line = lineBefore(text, from);
    from = line.start;
    const { indentation } = line;
    count++;
    if (indentation === undefined || indentation > level) continue;
    const mayEnd = count >= near && !continues.test(line.text);
    if (mayEnd && isInLiteral(text, from, lineStart, quotes)) continue;
    level = indentation;
    if (mayEnd) break;
  }
  const heads: string[] = [];
  let outer = level;
  let at = from;
  let next = from;
  while (at > 0 && outer > 0) {
    const line = lineBefore(text, at);
    at = line.start;
    if (line.indentation === undefined || line.indentation >= outer) continue;
    outer = line.indentation;
    const end = opens.test(line.text) ? line.end : endOfHead(text, line, next);
    if (continues.test(line.text)) at = startOfHead(text, line);
    heads.unshift(text.slice(at, end));
    next = at;
  }
  return { heads, from, level };
}

/**
 * Whether an offset is inside a comment or a string of several lines.
 *
 * @param quotes number of triple quotes before `lineStart`
 */
function isInLiteral(
  text: string,
  offset: number,
  lineStart: number,
  quotes: number,
): boolean {
  const between = text.slice(
    Math.min(offset, lineStart),
    Math.max(offset, lineStart),
  );
  const isOdd = (quotes + quotesIn(between)) % 2 === 1;
  const before = text.slice(Math.max(0, offset - maxLength), offset);
  return isOdd || before.lastIndexOf("/*") > before.lastIndexOf("*/");
}

function quotesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"""'); at >= 0; at = text.indexOf('"""', at + 3))
    count++;
  return count;
}

/** Where a head ends that has several lines; the end of its first line if it has not. */
function endOfHead(text: string, { end, indentation }: Line, next: number) {
  let at = end;
  for (let count = 1; count < longestHead && at < next; count++) {
    const line = lineAt(text, at, endOfLine(text, at));
    at = line.end;
    if (line.text.trimStart().startsWith("{")) return at;
    if (line.indentation !== undefined && line.indentation <= indentation!)
      break;
    if (opens.test(line.text)) return at;
  }
  return end;
}

/** Where the statement or head starts that goes on with a line. */
function startOfHead(text: string, { start, indentation }: Line): number {
  const least = start - maxLength;
  let at = start;
  while (at > 0 && at > least) {
    const line = lineBefore(text, at);
    at = line.start;
    if (line.indentation === undefined || line.indentation > indentation!)
      continue;
    if (!continues.test(line.text)) break;
  }
  return at;
}

/** The end of the lines kept after an offset, and the ends of the blocks around them. */
function below(text: string, lineEnd: number, level: number) {
  const most = lineEnd + maxLength;
  const quotes = quotesIn(text.slice(0, lineEnd));
  let outer = level;
  let last = lineBefore(text, lineEnd);
  let to = lineEnd;
  let at = lineEnd;
  for (let count = 1; at < text.length && at < most; count++) {
    const line = lineAt(text, at, endOfLine(text, at));
    const { indentation } = line;
    at = line.end;
    // An annotation belongs to what comes after it.
    if (/^\s*@/.test(line.text)) continue;
    if (indentation !== undefined && indentation <= outer) {
      const goesOn = continues.test(line.text);
      const mayEnd =
        count > near
          ? !goesOn
          : // The end of a block that is not indented.
            /^\s*}/.test(line.text) &&
            indentation === last.indentation &&
            !opens.test(last.text);
      if (mayEnd && !isInLiteral(text, line.start, lineEnd, quotes)) break;
      outer = indentation;
    }
    if (indentation !== undefined) last = line;
    to = at;
  }
  at = to;
  let ends = "";
  let isOpen = false;
  while (at < text.length && outer > 0) {
    const line = lineAt(text, at, endOfLine(text, at));
    at = line.end;
    const { indentation } = line;
    if (isOpen) ends += line.text;
    if (indentation === undefined || indentation > outer) continue;
    if (indentation === outer && !isOpen) continue;
    const isEnd = continues.test(line.text);
    if (!isOpen && isEnd) ends += line.text;
    outer = indentation;
    isOpen = isEnd && opens.test(line.text);
  }
  return { to, ends };
}

function lineBefore(text: string, end: number): Line {
  return lineAt(text, text.lastIndexOf("\n", end - 2) + 1, end);
}

function lineAt(text: string, start: number, end: number): Line {
  const line = text.slice(start, end);
  const indentation = ignored.test(line) ? undefined : columns(line);
  return { start, end, indentation, text: line };
}

function endOfLine(text: string, offset: number): number {
  const lineBreak = text.indexOf("\n", offset);
  return lineBreak < 0 ? text.length : lineBreak + 1;
}

/** Columns of white space at the start of a line. */
function columns(line: string): number {
  let width = 0;
  for (const char of line) {
    if (char === "\t") width += tabWidth - (width % tabWidth);
    else if (char === " ") width++;
    else break;
  }
  return width;
}
