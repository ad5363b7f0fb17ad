export interface OutlineOptions {
  /** Characters that begin and end a string, such as `"'`. */
  readonly quotes: string;
  /** Whether the braces after this header hold declarations rather than a body. */
  readonly keepsBody: (header: string) => boolean;
}

const charLiteral = /'(?:\\[^\n]{1,9}?|[^'\\\n])'/y;
/** Characters of the longest header of a declaration. */
const longHeader = 400;

/**
 * Removes comments and bodies from a text in a language with braces: `fn a() { … }` becomes `fn a();`. It
 * does not parse, so of unusual text it may remove too much; it adds no names.
 */
export function outline(
  text: string,
  { quotes, keepsBody }: OutlineOptions,
): string {
  let out = "";
  let header = 0;
  /** Text up to here is in `out` or left out. */
  let taken = 0;
  let skipped = 0;
  for (let at = 0; at < text.length;) {
    const char = text[at]!;
    const comment = endOfComment(text, at);
    if (comment > at) {
      if (skipped === 0) out += text.slice(taken, at);
      taken = at = comment;
      continue;
    }
    if (quotes.includes(char)) {
      at = endOfString(text, at);
      continue;
    }
    // In a language with lifetimes, a character literal is recognised by its second quote.
    charLiteral.lastIndex = at;
    if (char === "'" && charLiteral.test(text)) {
      at = charLiteral.lastIndex;
      continue;
    }
    at++;
    if (skipped > 0) {
      if (char === "{") skipped++;
      if (char === "}" && --skipped === 0) {
        taken = at;
        header = out.length;
      }
      continue;
    }
    if (char !== "{" && char !== "}" && char !== ";") continue;
    out += text.slice(taken, at);
    taken = at;
    if (
      char === "{" &&
      !keepsBody(out.slice(Math.max(header, out.length - longHeader)))
    ) {
      out = `${out.slice(0, -1).trimEnd()};`;
      skipped = 1;
    }
    header = out.length;
  }
  if (skipped === 0) out += text.slice(taken);
  return withoutEmptyLines(out);
}

export function withoutEmptyLines(text: string): string {
  return text
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{2,}/g, "\n")
    .trim();
}

function endOfComment(text: string, at: number): number {
  if (text[at] !== "/") return at;
  if (text[at + 1] === "/") {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  if (text[at + 1] !== "*") return at;
  const end = text.indexOf("*/", at + 2);
  return end < 0 ? text.length : end + 2;
}

function endOfString(text: string, at: number): number {
  const quote = text[at]!;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === quote) return i + 1;
    // Only a string in back quotes continues on the next line.
    else if (text[i] === "\n" && quote !== "`") return i;
  }
  return text.length;
}
