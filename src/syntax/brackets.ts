import { closerOf } from "../text/brackets";

/**
 * Text whose brackets do not count: strings, and comments in the syntax of most languages.
 * Lifetimes match too, since they begin like a string.
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

/** Closing brackets without an opening bracket in the text, in order, with their offsets. */
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
      // A closer without its opener does not close a bracket of another kind.
      const opener = open.lastIndexOf(char);
      if (opener >= 0) open.length = opener;
    }
  }
  return open;
}

/** Whether a text ends inside a comment or a multi-line string. */
export function endsInComment(text: string): boolean {
  const end = "x";
  return !withoutLiterals(text + end).endsWith(end);
}

/** The text with its comments and strings replaced by spaces. */
function withoutLiterals(text: string): string {
  return text.replace(literals, (literal) => " ".repeat(literal.length));
}
