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

/** Counts values and depth as if the text were JSON; the parser checks that later. */
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

/** Offset of the quotation mark that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
