/**
 * A name that stands twice among the keys of the outermost object of well-formed JSON, or undefined.
 * `JSON.parse` keeps the last silently.
 */
export function duplicateKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  // A string is a key where a key can stand: after the outermost `{` and its commas.
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
