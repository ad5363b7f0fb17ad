import { endOfComment, endOfString } from "./comments";

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
  // Pieces, since to look at the end of one long growing text would copy all of it each time.
  const out: string[] = [];
  let header = "";
  /** Text up to here is in `header` or `out`, or left out. */
  let taken = 0;
  let skipped = 0;
  for (let at = 0; at < text.length;) {
    const char = text[at]!;
    const comment = endOfComment(text, at);
    if (comment > at) {
      if (skipped === 0) header += text.slice(taken, at);
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
      if (char === "}" && --skipped === 0) taken = at;
      continue;
    }
    if (char !== "{" && char !== "}" && char !== ";") continue;
    header += text.slice(taken, at);
    taken = at;
    if (char === "{" && !keepsBody(header.slice(-longHeader))) {
      header = `${header.slice(0, -1).trimEnd()};`;
      skipped = 1;
    }
    out.push(header);
    header = "";
  }
  if (skipped === 0) out.push(header, text.slice(taken));
  return withoutEmptyLines(out.join(""));
}

/** Removes empty lines, and blanks at the ends of lines. */
export function withoutEmptyLines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .join("\n")
    .trim();
}
