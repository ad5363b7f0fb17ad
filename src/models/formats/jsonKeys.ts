/**
 * The first key that the outermost object has twice; undefined if there is none. `JSON.parse` would
 * silently keep the last value.
 *
 * @param json well-formed
 */
export function duplicateKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  // Whether the next string is a key: it follows the outermost `{` or one of that object's commas.
  let keyNext = false;
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case "{":
        keyNext = depth === 0;
        depth++;
        break;
      case "[":
        depth++;
        break;
      case "}":
      case "]":
        depth--;
        break;
      case ",":
        keyNext = depth === 1;
        break;
      case '"': {
        const start = i;
        for (i++; json[i] !== '"'; i++) if (json[i] === "\\") i++;
        if (!keyNext) break;
        keyNext = false;
        const key = JSON.parse(json.slice(start, i + 1)) as string;
        if (seen.has(key)) return key;
        seen.add(key);
      }
    }
  }
  return undefined;
}
