import { closerOf } from "../text/brackets";

/**
 * What has brackets that are none: comments, as most languages write them, and strings. A lifetime
 * begins like a string.
 */
const literals = new RegExp(
  [
    String.raw`(?<![^\s])(?:\/\/|#(?=[ \t!])|--(?=[ \t])).*`,
    String.raw`\/\*[^]*?(?:\*\/|$)`,
    `"""[^]*?(?:"""|$)`,
    String.raw`(?<=[&<])'[a-z_]\w*(?!['\w])`,
    ...['"', "'", "`"].map(
      (quote) => String.raw`${quote}(?:[^${quote}\\\n]|\\.)*${quote}`,
    ),
  ].join("|"),
  "g",
);
const closers = new Set(Object.values(closerOf));

/** Closing brackets of a text that it does not open itself, in order, with their offsets. */
export function unopened(text: string): { closer: string; at: number }[] {
  const open: string[] = [];
  const found: { closer: string; at: number }[] = [];
  const code = withoutLiterals(text);
  for (let at = 0; at < code.length; at++) {
    const char = code[at]!;
    const closer = closerOf[char];
    if (closer !== undefined) open.push(closer);
    else if (!closers.has(char)) continue;
    else if (open.at(-1) === char) open.pop();
    else found.push({ closer: char, at });
  }
  return found;
}

/** The closing brackets that a text still needs, the innermost last. */
export function unclosed(text: string): string[] {
  const open: string[] = [];
  for (const char of withoutLiterals(text)) {
    const closer = closerOf[char];
    if (closer !== undefined) open.push(closer);
    else if (closers.has(char)) {
      // A closer without its opener does not undo an opener of another kind.
      const opener = open.lastIndexOf(char);
      if (opener >= 0) open.length = opener;
    }
  }
  return open;
}

/** Whether what comes behind a text belongs to a comment, or to a string of several lines. */
export function endsInComment(text: string): boolean {
  const end = "x";
  return !withoutLiterals(text + end).endsWith(end);
}

/** The text with blanks in place of its comments and strings. */
function withoutLiterals(text: string): string {
  return text.replace(literals, (literal) => " ".repeat(literal.length));
}
