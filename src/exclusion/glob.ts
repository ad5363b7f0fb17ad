/** A malformed list of globs, or one that would take too much time or memory. */
export class GlobError extends Error {
  override readonly name = "GlobError";
}

/** UTF-16 units of one glob, and globs that one becomes when its braces are expanded. */
const maxGlobLength = 1024;
const maxAlternatives = 256;

/** A glob without braces, cut at its slashes. */
type Pattern = readonly (typeof anySegments | SegmentTest)[];
type SegmentTest = (segment: string) => boolean;
const anySegments = Symbol("**");

/** A compiled glob; paths are given as folded segments (see {@link fold}). */
export interface Glob {
  /** Whether the glob matches the path or one of its parent folders. */
  matches(segments: readonly string[], anchored: boolean): boolean;
}

/**
 * Compiles a glob as in `.gitignore` and `files.exclude`: `*`, `?`, `[a-z]`, `[!a-z]`, `**` for any
 * number of folders, `{a,b}`. A glob without a slash, except at its end, matches a name in any folder;
 * others are anchored. A glob that matches a folder matches all files in it. Case does not count.
 *
 * Matching takes at most glob length × path length steps, since only the latest star is tried again.
 * Ambiguous syntax is taken in the sense that matches more.
 *
 * @throws GlobError if the glob is too long or has too many alternatives
 */
export function compileGlob(glob: string): Glob {
  if (glob.length > maxGlobLength)
    throw new GlobError(`a glob has more than ${maxGlobLength} characters`);
  const alternatives = readings(widened(fold(glob))).flatMap(expandBraces);
  const patterns = alternatives.flatMap((each) => compilePattern(each) ?? []);
  return {
    matches: (segments, anchored) =>
      patterns.some(({ pattern, isAnywhere }) => {
        const isFree = isAnywhere || !anchored;
        const [only] = pattern;
        // Most globs are a name in any folder.
        if (isFree && pattern.length === 1 && typeof only === "function")
          return segments.some(only);
        return matchesSegments(
          isFree ? [anySegments, ...pattern] : pattern,
          segments,
        );
      }),
  };
}

/** Folds a glob or a path for comparison: lower case, one Unicode normal form. */
export function fold(text: string): string {
  return text.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/** Replaces syntax of other tools (`@(a|b)`, `{1..9}`, `[[:alpha:]]`) by a star. */
function widened(glob: string): string {
  return glob
    .replace(/[@+?*]\([^()]*\)/g, "*")
    .replace(/\{[^{},]*\.\.[^{},]*\}/g, "*")
    .replace(/\[[!^]?\[:[a-z]*:\]\]/g, "?");
}

/** A backslash escapes the next character, or separates names on Windows: both readings count. */
function readings(glob: string): string[] {
  return glob.includes("\\") ? [glob, glob.replaceAll("\\", "/")] : [glob];
}

/** The globs that one with braces stands for. @throws GlobError if there are too many */
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const braces = firstBraces(next);
    if (braces === undefined) done.push(next);
    else
      for (const part of braces.parts)
        open.push(next.slice(0, braces.start) + part + next.slice(braces.end));
    if (done.length + open.length > maxAlternatives)
      throw new GlobError(
        `a glob has more than ${maxAlternatives} alternatives`,
      );
  }
  return done;
}

/** The first `{…,…}` of a glob; undefined if there is none. One that is not closed is text. */
function firstBraces(
  glob: string,
): { start: number; end: number; parts: string[] } | undefined {
  for (let start = 0; start < glob.length; start++) {
    if (glob[start] === "\\") start++;
    else if (glob[start] === "{") {
      const found = bracesAt(glob, start);
      if (found !== undefined) return { start, ...found };
    }
  }
  return undefined;
}

function bracesAt(
  glob: string,
  start: number,
): { end: number; parts: string[] } | undefined {
  const parts: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < glob.length; at++) {
    const character = glob[at];
    if (character === "\\") at++;
    else if (character === "{") depth++;
    else if (character === "}") depth--;
    const isCut = depth === 0 || (depth === 1 && character === ",");
    if (!isCut) continue;
    parts.push(glob.slice(from, at));
    from = at + 1;
    if (depth === 0) return { end: at + 1, parts };
  }
  return undefined;
}

/** @returns undefined for a glob that names nothing */
function compilePattern(
  glob: string,
): { pattern: Pattern; isAnywhere: boolean } | undefined {
  // A drive letter stands in a path behind a slash.
  const path = /^[a-z]:\//.test(glob) ? `/${glob}` : glob;
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  const pattern: (typeof anySegments | SegmentTest)[] = names.map((name) =>
    name === "**" ? anySegments : compileSegment(name),
  );
  // `folder/**` means what is in the folder.
  if (pattern.at(-1) === anySegments) pattern.push(() => true);
  if (pattern.length === 0) return undefined;
  const isName = names.length === 1 && !path.startsWith("/");
  const startsAnywhere = pattern.length > 1 && pattern[0] === anySegments;
  return {
    pattern: startsAnywhere ? pattern.slice(1) : pattern,
    isAnywhere: isName || startsAnywhere,
  };
}

/** Whether a pattern means a path or one of the folders it lies in. */
function matchesSegments(
  pattern: Pattern,
  segments: readonly string[],
): boolean {
  // Positions in the pattern that the segments so far can have reached.
  let used = closure(pattern, new Set([0]));
  for (const segment of segments) {
    const next = new Set<number>();
    for (const at of used) {
      const part = pattern[at];
      if (part === anySegments) next.add(at);
      else if (part?.(segment)) next.add(at + 1);
    }
    used = closure(pattern, next);
    if (used.has(pattern.length)) return true;
    if (used.size === 0) return false;
  }
  return false;
}

/** `**` may stand for no folder at all. */
function closure(pattern: Pattern, used: Set<number>): Set<number> {
  for (const at of used) if (pattern[at] === anySegments) used.add(at + 1);
  return used;
}

/** The test of one character of a name; a star matches any number of characters. */
type CharacterTest = "*" | ((character: string) => boolean);

function compileSegment(glob: string): SegmentTest {
  if (!/[*?[\\]/.test(glob)) return (segment) => segment === glob;
  const tests: CharacterTest[] = [];
  for (let at = 0; at < glob.length;) {
    const [test, length] = characterTest(glob, at);
    at += length;
    if (test !== "*" || tests.at(-1) !== "*") tests.push(test);
  }
  // Nearly all names differ from a glob in its literal start or end.
  const [start] = /^[^*?[\\]*/.exec(glob)!;
  const [end] = /[[\\]/.test(glob) ? [""] : /[^*?]*$/.exec(glob)!;
  return (segment) =>
    segment.startsWith(start) &&
    segment.endsWith(end) &&
    matchesCharacters(tests, segment);
}

/** The test that begins at `at`, and its length in the glob. */
function characterTest(glob: string, at: number): [CharacterTest, number] {
  const character = String.fromCodePoint(glob.codePointAt(at)!);
  switch (character) {
    case "*":
      return ["*", 1];
    case "?":
      return [() => true, 1];
    case "[": {
      const end = glob.indexOf(
        "]",
        at + (/^[!^]/.test(glob[at + 1] ?? "") ? 3 : 2),
      );
      if (end > 0) return [classTest(glob.slice(at + 1, end)), end + 1 - at];
      break;
    }
    case "\\":
      if (at + 1 < glob.length) {
        const escaped = String.fromCodePoint(glob.codePointAt(at + 1)!);
        return [(each) => each === escaped, 1 + escaped.length];
      }
  }
  return [(each) => each === character, character.length];
}

function classTest(content: string): (character: string) => boolean {
  const isNegated = /^[!^]/.test(content);
  const members = [...content.slice(isNegated ? 1 : 0)];
  const ranges: [string, string][] = [];
  for (let i = 0; i < members.length; i++) {
    const first = members[i]!;
    const isRange = members[i + 1] === "-" && i + 2 < members.length;
    const last = isRange ? members[(i += 2)]! : first;
    // A range the wrong way round, or one that folding turned, stands for anything.
    if (last < first) return () => true;
    ranges.push([first, last]);
  }
  return (character) =>
    ranges.some(([first, last]) => first <= character && character <= last) !==
    isNegated;
}

/** The usual matching of wildcards: only the latest star is ever tried again. */
function matchesCharacters(
  tests: readonly CharacterTest[],
  segment: string,
): boolean {
  const characters = [...segment];
  let at = 0;
  let test = 0;
  let star = -1;
  let starAt = 0;
  while (at < characters.length) {
    const expected = tests[test];
    if (expected === "*") {
      star = test++;
      starAt = at;
    } else if (expected?.(characters[at]!)) {
      test++;
      at++;
    } else if (star >= 0) {
      test = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (tests[test] === "*") test++;
  return test === tests.length;
}
