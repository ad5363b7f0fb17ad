import { message, ToldError, type Message } from "../messages";

/** What a JSON text may hold. */
export interface JsonBounds {
  /** Arrays and objects in one another. */
  depth: number;
  /** Values of all kinds, keys of objects not counted. */
  values: number;
}

/**
 * `JSON.parse` for a text that is not trusted: a value takes up to some fifty bytes of memory where
 * its text takes two (`[]`), so the values are counted before any is made.
 *
 * @param what is called so in what is thrown
 * @throws ToldError naming the cause
 */
export function parseBoundedJson(
  text: string,
  bounds: JsonBounds,
  what = message("it"),
): unknown {
  check(text, bounds, what);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ToldError(message("not JSON", what));
  }
}

/** Counts as if the text were JSON; whether it is says the parser. */
function check(
  text: string,
  { depth, values }: JsonBounds,
  what: Message,
): void {
  let open = 0;
  let count = 1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === "[" || char === "{") {
      count++;
      if (++open > depth)
        throw new ToldError(message("JSON too deep", what, depth));
    } else if (char === "]" || char === "}") open--;
    else if (char === ",") count++;
    if (count > values)
      throw new ToldError(message("JSON too many", what, values));
  }
}

/** Where the quotation mark stands that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
