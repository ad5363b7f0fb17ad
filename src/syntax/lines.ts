/** Blank lines, comments, directives and labels: their indentation says nothing about blocks. */
const outsideBlocks =
  /^\s*(?:$|\/\/|\/?\*|[#@])|^(?:public|private|protected):/;
const tabWidth = 4;

/** A line of a text, with its line break. */
export interface Line {
  readonly text: string;
  /** UTF-16 offsets, the end after the line break. */
  readonly start: number;
  readonly end: number;
  /** Columns of white space before it; undefined where they say nothing about blocks. */
  readonly indentation: number | undefined;
}

/** The line that ends at an offset above 0, with its line break. */
export function lineBefore(text: string, end: number): Line {
  const start = startOfLine(text, end - 1);
  return line(text, start, end);
}

/** The line that starts at an offset. */
export function lineFrom(text: string, start: number): Line {
  return line(text, start, endOfLine(text, start));
}

export function startOfLine(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
}

/** The offset after the line break of the line in which an offset is. */
export function endOfLine(text: string, offset: number): number {
  const lineBreak = text.indexOf("\n", offset);
  return lineBreak < 0 ? text.length : lineBreak + 1;
}

/** Columns of white space at the start of a line. */
export function indentationOf(line: string): number {
  let columns = 0;
  for (const char of line) {
    if (char === "\t") columns += tabWidth - (columns % tabWidth);
    else if (char === " ") columns++;
    else break;
  }
  return columns;
}

function line(whole: string, start: number, end: number): Line {
  const text = whole.slice(start, end);
  const indentation = outsideBlocks.test(text)
    ? undefined
    : indentationOf(text);
  return { text, start, end, indentation };
}
