import { indentationOf } from "./lines";

/** The text before and after the cursor, with LF line ends. */
export interface TextAround {
  readonly before: string;
  readonly after: string;
  /** The cursor line's text before and after the cursor. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
}

/** The start of a line that closes a block. */
const closing = /^\s*(?:[)\]}]|<\/|(?:end|fi|done|esac)\b)/;
/** The end of a line that opens a block. */
const opening = /(?:[{([:]|\b(?:then|do|else))\s*$/;
/** An unfinished line that is still too short to tell whether it closes a block. */
const undecided = /^\s*[a-z<]{0,4}$/;

/**
 * The offset in `text` where the suggested block ends, before the line break; undefined if `text`
 * does not reach the end of the block.
 *
 * A suggestion that starts on an empty line ends before the first line that is indented less than
 * its first line. A suggestion that continues a line ends with the block that this line opens, or
 * with the line. A blank line outside nested blocks ends both. The line that closes the block, if
 * indented like the line that opened it, belongs to the block.
 */
export function blockEnd(text: string, around: TextAround): number | undefined {
  const inLine = around.linePrefix.trim() !== "";
  const lines = linesOf(text);
  const first = inLine ? 0 : lines.findIndex(({ line }) => line.trim() !== "");
  if (first < 0) return undefined;
  const own = indentationOf(
    first === 0 ? around.linePrefix + lines[0]!.line : lines[first]!.line,
  );
  let deeper = false;
  /** Whether a blank line here would be outside nested blocks. */
  let atOwnLevel = true;
  for (const { line, start, end, whole } of lines.slice(first + 1)) {
    if (line.trim() === "") {
      if (whole && atOwnLevel) return start - 1;
      continue;
    }
    const indentation = indentationOf(line);
    if (indentation > own) {
      deeper = true;
      atOwnLevel = false;
      continue;
    }
    if (!whole && undecided.test(line)) return undefined;
    const closes = closing.test(line);
    if (indentation < own) {
      if (!closes || inLine || !mayClose(indentation, own, around))
        return start - 1;
      return whole ? end : undefined;
    }
    atOwnLevel = true;
    if (!inLine) continue;
    if (!deeper || !closes) return start - 1;
    if (!whole) return undefined;
    if (!opening.test(line)) return end;
    deeper = false;
  }
  return undefined;
}

/**
 * Whether a line with this indentation can close the block around the suggestion: the line that
 * opened the block has the same indentation, and the text after the cursor is outside the block.
 */
function mayClose(
  indentation: number,
  own: number,
  { before, after, lineSuffix }: TextAround,
) {
  const opener = before
    .split("\n")
    .slice(0, -1)
    .findLast((line) => line.trim() !== "" && indentationOf(line) < own);
  const next = after
    .slice(lineSuffix.length)
    .split("\n")
    .find((line) => line.trim() !== "");
  return (
    opener !== undefined &&
    indentationOf(opener) === indentation &&
    (next === undefined || indentationOf(next) <= indentation)
  );
}

interface Line {
  line: string;
  start: number;
  end: number;
  /** Whether a line break follows. */
  whole: boolean;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length;) {
    const lineBreak = text.indexOf("\n", start);
    const end = lineBreak < 0 ? text.length : lineBreak;
    lines.push({
      line: text.slice(start, end),
      start,
      end,
      whole: lineBreak >= 0,
    });
    start = end + 1;
  }
  return lines;
}
