/** The text on either side of the cursor, line ends as LF. */
export interface TextAround {
  readonly before: string;
  readonly after: string;
  /** The line's text on either side of the cursor. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
}

/** How a line starts that closes a block. */
const closing = /^\s*(?:[)\]}]|<\/|(?:end|fi|done|esac)\b)/;
/** How a line ends that opens one. */
const opening = /(?:[{([:]|\b(?:then|do|else))\s*$/;
/** The start of a line of which too little is known to tell. */
const undecided = /^\s*[a-z<]{0,4}$/;
const tabWidth = 4;

/**
 * Where a suggestion ends as a block, if it has come that far: an offset in `text`, without a line
 * break at the end.
 *
 * A suggestion that starts on an empty line ends before the first line indented less than its own
 * first; one that goes on with a line ends with the block that this line opens, or with the line.
 * A line that closes the block, at the indentation of the line that opened it, still belongs to it.
 */
export function blockEnd(text: string, around: TextAround): number | undefined {
  const inLine = around.linePrefix.trim() !== "";
  const lines = linesOf(text);
  const first = inLine ? 0 : lines.findIndex(({ line }) => line.trim() !== "");
  if (first < 0) return undefined;
  const own = width(
    first === 0 ? around.linePrefix + lines[0]!.line : lines[first]!.line,
  );
  let deeper = false;
  /** Whether a blank line here stands between blocks, not inside one. */
  let atOwnLevel = true;
  for (const { line, start, end, whole } of lines.slice(first + 1)) {
    if (line.trim() === "") {
      if (whole && atOwnLevel) return start - 1;
      continue;
    }
    const indentation = width(line);
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

/** Columns of white space at the start of a line. */
function width(line: string): number {
  let columns = 0;
  for (const char of line) {
    if (char === "\t") columns += tabWidth - (columns % tabWidth);
    else if (char === " ") columns++;
    else break;
  }
  return columns;
}

/**
 * Whether a line with this indentation can close the block around the suggestion: the line that
 * opened it is indented alike, and what follows does not belong to the block.
 */
function mayClose(
  indentation: number,
  own: number,
  { before, after, lineSuffix }: TextAround,
) {
  const opener = before
    .split("\n")
    .slice(0, -1)
    .findLast((line) => line.trim() !== "" && width(line) < own);
  const next = after
    .slice(lineSuffix.length)
    .split("\n")
    .find((line) => line.trim() !== "");
  return (
    opener !== undefined &&
    width(opener) === indentation &&
    (next === undefined || width(next) <= indentation)
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
