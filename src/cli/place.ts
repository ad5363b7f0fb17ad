/** A position in a file, from the command line; line and column count from 1, columns in UTF-16 units. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/**
 * Parses `FILE:LINE:COL`. Only the last two colons separate, so that `C:\a.ts:1:2` works.
 *
 * @throws Error if `argument` has another form
 */
export function parsePlace(argument: string): Place {
  const match = /^(.+):(\d+):(\d+)$/s.exec(argument);
  if (match === null) {
    throw new Error(
      `"${argument}" names no place; write FILE:LINE:COL, for example src/a.ts:3:14`,
    );
  }
  return { file: match[1]!, line: Number(match[2]), column: Number(match[3]) };
}

/**
 * The UTF-16 offset of a position. The column behind the last character of a line is the last one.
 *
 * @throws Error that tells which lines or columns exist
 */
export function offsetOf(text: string, { file, line, column }: Place): number {
  const lines = text.split("\n");
  const content = lines[line - 1]?.replace(/\r$/, "");
  if (content === undefined) {
    throw new Error(
      `${file} has no line ${line}; choose one from 1 to ${lines.length}`,
    );
  }
  if (column < 1 || column > content.length + 1) {
    throw new Error(
      `line ${line} of ${file} has no column ${column}; choose one from 1 to ${content.length + 1}`,
    );
  }
  const before = lines
    .slice(0, line - 1)
    .reduce((length, each) => length + each.length + 1, 0);
  return before + column - 1;
}
