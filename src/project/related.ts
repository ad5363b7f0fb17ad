import { byRank } from "./byRank";

/** Reductions of a file's distance for each way in which it belongs to another file. */
const sameStem = 6;
const imported = 5;
const importing = 3;
const recentlyEdited = 3;
/** Added to the distance of a file of another kind: `.ts` and `.md`. */
const otherEnding = 1.5;
/** Number of last edited files that count as recent. */
const mostRecent = 16;

/** Endings of one language: files of one declare what files of another use. */
const sameLanguage = [
  ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte"],
  ["c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx", "inl", "m", "mm"],
  ["py", "pyi"],
];
const languageOfEnding = new Map(
  sameLanguage.flatMap((endings) =>
    endings.map((ending) => [ending, endings[0]!]),
  ),
);

/** A file and how far it is from another one: 0 in the same folder, below 0 if it belongs to it. */
export interface RelatedFile {
  readonly file: number;
  readonly distance: number;
}

interface KnownFile {
  readonly path: string;
  readonly folder: Folder;
  readonly ending: string;
  readonly stem: string;
  /** The name by which others import it together with the files beside it; undefined: by its own alone. */
  readonly package: string | undefined;
  readonly imports: readonly string[];
}

interface Folder {
  readonly parts: readonly string[];
  readonly files: Set<number>;
}

/**
 * Finds the files related to a file, by folder, name (`foo.ts`, `foo.test.ts`), imports and recent edits.
 * It compares names and resolves no import: that is cheap, and files of one name are rarely unrelated.
 */
export class RelatedFiles {
  private readonly known = new Map<number, KnownFile>();
  private readonly folders = new Map<string, Folder>();
  private readonly byStem = new Map<string, Set<number>>();
  private readonly byPackage = new Map<string, Set<number>>();
  private readonly byImport = new Map<string, Set<number>>();
  /** Recently edited files, the latest last. */
  private readonly edited: number[] = [];

  /**
   * @param path with slashes or backslashes
   * @param imports the file's imports, as they are written there
   */
  add(file: number, path: string, imports: readonly string[]): void {
    this.remove(file);
    const parts = partsOf(path);
    const name = parts.pop() ?? "";
    const key = parts.join("/");
    const folder = this.folders.get(key) ?? { parts, files: new Set() };
    this.folders.set(key, folder);
    folder.files.add(file);
    const stem = stemOf(name, parts);
    const stems = [...new Set(imports.flatMap(stemsOfImport))];
    const ending = endingOf(name);
    const ofPackage = packageOf(ending, parts);
    put(this.byStem, stem, file);
    if (ofPackage !== undefined) put(this.byPackage, ofPackage, file);
    for (const one of stems) put(this.byImport, one, file);
    this.known.set(file, {
      path,
      folder,
      ending,
      stem,
      package: ofPackage,
      imports: stems,
    });
  }

  remove(file: number): void {
    const known = this.known.get(file);
    if (known === undefined) return;
    this.known.delete(file);
    take(this.byStem, known.stem, file);
    if (known.package !== undefined) take(this.byPackage, known.package, file);
    for (const stem of known.imports) take(this.byImport, stem, file);
    known.folder.files.delete(file);
    if (known.folder.files.size === 0)
      this.folders.delete(known.folder.parts.join("/"));
  }

  /** Counts a file as the latest edited one. */
  touch(file: number): void {
    const at = this.edited.indexOf(file);
    if (at >= 0) this.edited.splice(at, 1);
    this.edited.push(file);
    if (this.edited.length > mostRecent) this.edited.shift();
  }

  /**
   * The files nearest to a path, the nearest first, the file itself left out.
   *
   * @param imports the file's imports
   * @param most the largest number of files
   */
  near(path: string, imports: readonly string[], most: number): RelatedFile[] {
    const parts = partsOf(path);
    const name = parts.pop() ?? "";
    const ending = endingOf(name);
    const stem = stemOf(name, parts);
    const distances = new Map<number, number>();
    const stepsOf = (folder: Folder) => stepsBetween(parts, folder.parts);
    const folders = byRank(this.folders.values(), stepsOf);
    const distanceOf = (file: number, steps: number) =>
      steps + (this.known.get(file)!.ending === ending ? 0 : otherEnding);
    for (const folder of folders) {
      if (distances.size >= 2 * most) break;
      const steps = stepsOf(folder);
      for (const file of folder.files)
        distances.set(file, distanceOf(file, steps));
    }
    const nearer = (file: number, by: number) => {
      const known = this.known.get(file);
      if (known === undefined) return;
      const distance =
        distances.get(file) ??
        distanceOf(file, stepsBetween(parts, known.folder.parts));
      distances.set(file, distance - by);
    };
    for (const file of this.byStem.get(stem) ?? []) nearer(file, sameStem);
    for (const one of new Set(imports.flatMap(stemsOfImport)))
      for (const file of both(this.byStem.get(one), this.byPackage.get(one)))
        nearer(file, imported);
    const ofPackage = this.byImport.get(packageOf(ending, parts) ?? stem);
    for (const file of both(this.byImport.get(stem), ofPackage))
      nearer(file, importing);
    this.edited.forEach((file, i) => {
      nearer(file, (recentlyEdited * (i + 1)) / this.edited.length);
    });
    return [...distances]
      .map(([file, distance]) => ({ file, distance }))
      .sort((a, b) => a.distance - b.distance)
      .filter(({ file }) => this.known.get(file)!.path !== path)
      .slice(0, most);
  }

  /** Returns a function that counts the folders between a file and the nearest of some paths. */
  stepsTo(paths: readonly string[]): (file: number) => number {
    const focused = paths.map((path) => partsOf(path).slice(0, -1));
    const steps = new Map<Folder, number>();
    return (file) => {
      const folder = this.known.get(file)?.folder;
      if (folder === undefined) return Infinity;
      let least = steps.get(folder);
      if (least === undefined) {
        least = Math.min(
          ...focused.map((parts) => stepsBetween(parts, folder.parts)),
        );
        steps.set(folder, least);
      }
      return least;
    };
  }
}

/** Steps up and down from one folder to another one. */
function stepsBetween(a: readonly string[], b: readonly string[]): number {
  let common = 0;
  while (common < a.length && common < b.length && a[common] === b[common])
    common++;
  return a.length + b.length - 2 * common;
}

/**
 * A file's name without the parts that mark it as a test, style or declaration: `foo` for `foo.test.ts`,
 * `test_foo.py`, `foo_test.go`, `foo.h`; the folder's name for `index.ts` and similar names.
 */
function stemOf(name: string, folders: readonly string[]): string {
  const stem = name
    .replace(/^test_/, "")
    .replace(/\..*$/, "")
    .replace(/[-_]?(?:test|spec|tests)$/i, "");
  const isIndex = /^(?:index|__init__|mod|lib|main)?$/.test(stem);
  return (isIndex ? (folders.at(-1) ?? "") : stem).toLowerCase();
}

function endingOf(name: string): string {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return languageOfEnding.get(ending) ?? ending;
}

/** In Go a folder is imported, not a file. */
function packageOf(
  ending: string,
  folders: readonly string[],
): string | undefined {
  return ending === "go" ? folders.at(-1)?.toLowerCase() : undefined;
}

/**
 * The names of files that an import may mean: that of the file to which it is a path, or the last part of a
 * dotted name, and the one before (of an item).
 */
function stemsOfImport(specifier: string): string[] {
  if (/[/\\]/.test(specifier)) {
    const folders = partsOf(specifier).filter((part) => !/^[.@~]*$/.test(part));
    const name = folders.pop() ?? "";
    // A folder may have such a name, too: `./lib` is `lib/index.ts` or `lib.ts`.
    const itself = name.replace(/\..*$/, "").toLowerCase();
    const stems = new Set([stemOf(name, folders), itself]);
    return [...stems].filter((stem) => stem !== "");
  }
  const parts = specifier
    .replace(/\.(?:[cm]?[jt]sx?|h|hh|hpp|hxx|py)$/, "")
    .split(/[.:]+/)
    .filter((part) => part !== "");
  return parts.slice(-2).map((part) => part.toLowerCase());
}

function both(
  a: ReadonlySet<number> | undefined,
  b: ReadonlySet<number> | undefined,
): Set<number> {
  return new Set([...(a ?? []), ...(b ?? [])]);
}

function partsOf(path: string): string[] {
  return path.split(/[/\\]/);
}

function put(map: Map<string, Set<number>>, key: string, file: number): void {
  const files = map.get(key);
  if (files === undefined) map.set(key, new Set([file]));
  else files.add(file);
}

function take(map: Map<string, Set<number>>, key: string, file: number): void {
  const files = map.get(key);
  files?.delete(file);
  if (files?.size === 0) map.delete(key);
}
