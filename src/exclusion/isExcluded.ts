import { homedir } from "node:os";
import { URI } from "vscode-uri";
import { compileGlob, fold, GlobError, type Glob } from "./glob";
import { secretFiles } from "./secretFiles";

/** UTF-16 units of all globs together: matching a path takes some milliseconds at most. */
const maxListLength = 32 * 1024;

interface Rule {
  readonly glob: Glob;
  /** False: the rule takes back earlier ones. */
  readonly excludes: boolean;
}

/**
 * Whether a file must not be read, kept or copied from.
 *
 * The rules are those for files with secrets ({@link secretFiles}), then those of the settings. The last
 * one that matches decides; one that begins with `!` allows reading. If a list or a name is malformed,
 * the file is excluded.
 *
 * @param file a URI, or a path on disk; its links are not resolved here
 * @param folders URIs or paths of the workspace folders, which globs with a slash start from
 */
export function isExcluded(
  file: string,
  { exclude }: { readonly exclude: readonly string[] },
  folders: readonly string[] = [],
): boolean {
  try {
    const rules = rulesOf(exclude);
    const paths = readings(pathOf(file));
    const roots = folders.map((folder) => segmentsOf(pathOf(folder)));
    return paths.some((path) => isExcludedPath(segmentsOf(path), rules, roots));
  } catch {
    return true;
  }
}

/**
 * Looks at a list of globs before it is used.
 *
 * @throws GlobError if it is none, or too long; such a list excludes everything
 */
export function checkExclude(exclude: unknown): asserts exclude is string[] {
  if (
    !Array.isArray(exclude) ||
    exclude.some((glob) => typeof glob !== "string")
  )
    throw new GlobError("rwkv.exclude is no list of globs");
  rulesOf(exclude as string[]);
}

function isExcludedPath(
  segments: readonly string[],
  rules: readonly Rule[],
  roots: readonly (readonly string[])[],
): boolean {
  const relative = roots
    .filter((root) => root.every((name, i) => segments[i] === name))
    .map((root) => segments.slice(root.length));
  // Outside of all folders there is no place where a glob would be anchored.
  const isOutside = relative.length === 0;
  const rule = rules.findLast(
    ({ glob }) =>
      glob.matches(segments, !isOutside) ||
      relative.some((path) => glob.matches(path, true)),
  );
  return rule?.excludes ?? false;
}

/** The compiled rules of each list, for the lifetime of the list. */
const compiled = new WeakMap<readonly string[], readonly Rule[]>();

function rulesOf(exclude: readonly string[]): readonly Rule[] {
  const known = compiled.get(exclude);
  if (known !== undefined) return known;
  const length = exclude.reduce((sum, glob) => sum + glob.length, 0);
  if (length > maxListLength || exclude.length > maxListLength / 8)
    throw new GlobError("rwkv.exclude is too long");
  const rules = [...secretRules, ...exclude.map(compileRule)];
  compiled.set(exclude, rules);
  return rules;
}

function compileRule(text: string): Rule {
  const excludes = !text.startsWith("!");
  const written = (excludes ? text : text.slice(1)).trim();
  const glob = written.startsWith("~/")
    ? homedir().replaceAll("\\", "/") + written.slice(1)
    : written;
  return { glob: compileGlob(glob), excludes };
}

const secretRules = secretFiles.map(compileRule);

/** The path of a URI, decoded, or a path as it is. */
function pathOf(file: string): string {
  const isUri = /^[a-z][a-z\d+.-]+:/i.test(file);
  return isUri ? URI.parse(file, true).path : file;
}

/** A backslash is part of a name on some systems and separates names on others: both readings count. */
function readings(path: string): string[] {
  return path.includes("\\") ? [path, path.replaceAll("\\", "/")] : [path];
}

/** The names in a path, folded, without `.` and with `..` resolved. */
function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const name of fold(path).split("/")) {
    if (name === "..") segments.pop();
    else if (name !== "" && name !== ".") segments.push(name);
  }
  return segments;
}
