/**
 * Replaces comments of `//` and of `/*` by a blank each, in a language whose strings begin and end with one of
 * `quotes`.
 */
export function withoutComments(text: string, quotes: string): string {
  const out: string[] = [];
  let taken = 0;
  for (let at = 0; at < text.length;) {
    const comment = endOfComment(text, at);
    if (comment > at) {
      out.push(text.slice(taken, at), " ");
      taken = at = comment;
    } else if (quotes.includes(text[at]!)) at = endOfString(text, at);
    else at++;
  }
  out.push(text.slice(taken));
  return out.join("");
}

/** The end of a comment that begins at a place, without its line break; the place itself if none does. */
export function endOfComment(text: string, at: number): number {
  if (text[at] !== "/") return at;
  if (text[at + 1] === "/") {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  if (text[at + 1] !== "*") return at;
  const end = text.indexOf("*/", at + 2);
  return end < 0 ? text.length : end + 2;
}

/** The end of a string whose first quote is at a place. */
export function endOfString(text: string, at: number): number {
  const quote = text[at]!;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === quote) return i + 1;
    // Only a string in back quotes continues on the next line.
    else if (text[i] === "\n" && quote !== "`") return i;
  }
  return text.length;
}
