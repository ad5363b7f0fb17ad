import { dirname, relative } from "node:path";
import { isIn } from "../files";

/** Reads files of libraries; a file that must not be read counts as absent. */
export interface LibraryReader {
  /** The text of a file; undefined if there is none, or none that may be read. */
  read(path: string): Promise<string | undefined>;
  isFile(path: string): Promise<boolean>;
  /** Names in a folder, sorted; none if there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  /** A path with links resolved; the path itself if there is no such file. */
  real(path: string): Promise<string>;
}

/** Folders and programs by which libraries are found. */
export interface LibraryPlaces {
  readonly reader: LibraryReader;
  /** Absolute paths of the workspace's folders. */
  readonly roots: readonly string[];
  /** The user's home folder. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The Python interpreter that the editor names; it is never run. */
  readonly pythonPath?: string | undefined;
}

/** Finds and reads the imports of one language. */
export interface ImportLanguage {
  /** Endings of its files, with the dot. */
  readonly endings: readonly string[];

  /**
   * Paths, with `/`, whose changes tell that packages may have been installed, updated or removed, or are
   * looked for elsewhere.
   */
  readonly installed: RegExp;

  /** The imports of a text, as they are written there, relative ones included. */
  importsIn(text: string): string[];

  /**
   * The files of the library that an import names, the most useful first. None if the import is of the
   * project itself, which is indexed anyway.
   *
   * @param from path of the importing file
   */
  locate(
    specifier: string,
    from: string,
    places: LibraryPlaces,
  ): Promise<readonly string[]>;

  /** The declarations of a library's file: names and signatures, without bodies and comments. */
  signatures(text: string, path: string): string;

  /** Further files whose declarations `text` re-exports. */
  passedOn(
    text: string,
    path: string,
    places: LibraryPlaces,
  ): Promise<readonly string[]>;
}

/** The groups numbered 1 of all matches. */
export function matchesOf(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), (match) => match[1] ?? "").filter(
    (match) => match !== "",
  );
}

/** Most folders above a file that are searched. */
const mostAbove = 24;

/** The folder of a file and those above it, the nearest first. */
export function* foldersAbove(file: string): Generator<string> {
  let folder = dirname(file);
  for (let above = 0; above < mostAbove; above++) {
    yield folder;
    const next = dirname(folder);
    if (next === folder) return;
    folder = next;
  }
}

/** The value of a JSON text; undefined for none and for a damaged one. */
export function jsonIn(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Where a file lies in the project: its path from the workspace's folder, with links resolved; undefined for
 * files elsewhere.
 */
export async function pathInProject(
  path: string,
  { reader, roots }: LibraryPlaces,
): Promise<string | undefined> {
  const real = await reader.real(path);
  for (const root of roots)
    for (const one of [root, await reader.real(root)])
      if (isIn(one, real)) return relative(one, real);
  return undefined;
}

/** The first of some paths that is a file, in a list; an empty one if none is. */
export async function firstFile(
  { reader }: LibraryPlaces,
  paths: readonly string[],
): Promise<string[]> {
  for (const path of paths) if (await reader.isFile(path)) return [path];
  return [];
}
