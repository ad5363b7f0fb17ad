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
 * @throws Error naming the cause
 */
export function parseBoundedJson(text: string, bounds: JsonBounds): unknown {
  check(text, bounds);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error("it is not JSON");
  }
}

/** Counts as if the text were JSON; whether it is says the parser. */
function check(text: string, { depth, values }: JsonBounds): void {
  let open = 0;
  let count = 1;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === "[" || char === "{") {
      count++;
      if (++open > depth)
        throw new Error(`it is nested more than ${depth} levels deep`);
    } else if (char === "]" || char === "}") open--;
    else if (char === ",") count++;
    if (count > values)
      throw new Error(`it has more than ${values} values, which is too many`);
  }
}

/** Where the quotation mark stands that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
