import { message, ToldError, type Message } from "../messages";

/** Limits of a JSON text. */
export interface JsonBounds {
  /** Most nested arrays and objects. */
  depth: number;
  /** Most values of all kinds; keys of objects do not count. */
  values: number;
}

/**
 * `JSON.parse` for an untrusted text. A value of two bytes (`[]`) may take some fifty bytes of memory,
 * so the values are counted before the text is parsed.
 *
 * @param what the name of the text in the message of the error
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

/** Counts values and depth as if the text were JSON; the parser checks that later. */
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

/** Offset of the quotation mark that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
