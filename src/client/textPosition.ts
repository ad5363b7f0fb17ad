/** A position in a document: line and UTF-16 units from 0, as in VS Code and in LSP. */
export interface Place {
  line: number;
  character: number;
}

const lineBreak = /\r\n|\r|\n/;

/** The position behind `text` if it is inserted at `start`. */
export function advance(start: Place, text: string): Place {
  const lines = text.split(lineBreak);
  const last = lines[lines.length - 1] ?? "";
  return lines.length === 1
    ? { line: start.line, character: start.character + last.length }
    : { line: start.line + lines.length - 1, character: last.length };
}

/** Whether two texts differ at most in their line breaks, which an editor rewrites to the file's own. */
export function sameButForLineBreaks(left: string, right: string): boolean {
  return left.split(lineBreak).join("\n") === right.split(lineBreak).join("\n");
}
