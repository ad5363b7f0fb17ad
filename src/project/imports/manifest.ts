import { isRecord } from "../../text/isRecord";

/** Most nested conditions in `exports`. */
const mostLevels = 8;
/** Characters of the longest path in a manifest. */
const longPath = 1000;
const conditions = ["types", "import", "node", "module", "require", "default"];

/**
 * The paths that `exports` of a `package.json` gives for a part of the package, those of types first.
 *
 * @param subpath `.` for the package itself, else `./` and a path
 */
export function exported(exports: unknown, subpath: string): string[] {
  const isSubpaths =
    isRecord(exports) &&
    Object.keys(exports).some((key) => key.startsWith("."));
  if (!isSubpaths) return subpath === "." ? targetsOf(exports, "", 0) : [];
  const found = bestKey(exports, subpath);
  return found === undefined
    ? []
    : targetsOf(exports[found.key], found.star, 0);
}

/**
 * The paths at which `typesVersions` of a `package.json` has the types of a path for the newest TypeScript.
 */
export function typed(typesVersions: unknown, path: string): string[] {
  if (!isRecord(typesVersions)) return [];
  const range = Object.keys(typesVersions).find(hasNewest);
  const paths = range === undefined ? undefined : typesVersions[range];
  if (!isRecord(paths)) return [];
  const name = path.replace(/^\.\//, "");
  const found = bestKey(paths, name);
  return found === undefined ? [] : targetsOf(paths[found.key], found.star, 0);
}

/** Whether a range of versions has no upper end: `*`, `>=4.2`. */
function hasNewest(range: string): boolean {
  return range.split("||").some((part) => /^(?:\*|>[^<]*)$/.test(part.trim()));
}

/**
 * The key that equals a path, else the pattern with the longest text before its `*`, as Node.js and TypeScript
 * choose it; and what the `*` stands for.
 */
function bestKey(
  keys: Readonly<Record<string, unknown>>,
  path: string,
): { key: string; star: string } | undefined {
  if (Object.hasOwn(keys, path)) return { key: path, star: "" };
  let best: { key: string; star: string } | undefined;
  let longest = -1;
  for (const key of Object.keys(keys)) {
    const [start, end, more] = key.split("*", 3);
    if (start === undefined || end === undefined || more !== undefined)
      continue;
    if (start.length <= longest || path.length < start.length + end.length)
      continue;
    if (!path.startsWith(start) || !path.endsWith(end)) continue;
    longest = start.length;
    best = { key, star: path.slice(start.length, path.length - end.length) };
  }
  return best;
}

function targetsOf(value: unknown, star: string, level: number): string[] {
  if (typeof value === "string")
    return value.length > longPath ? [] : [value.replaceAll("*", () => star)];
  if (level > mostLevels) return [];
  if (Array.isArray(value))
    return value.flatMap((item) => targetsOf(item, star, level + 1));
  if (!isRecord(value)) return [];
  return conditions.flatMap((condition) =>
    targetsOf(value[condition], star, level + 1),
  );
}
