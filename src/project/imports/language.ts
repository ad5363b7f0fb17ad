/** Reads files of libraries; what it may not read does not exist for it. */
export interface LibraryReader {
  /** The text of a file; undefined if there is none, or none that may be read. */
  read(path: string): Promise<string | undefined>;
  isFile(path: string): Promise<boolean>;
  /** Names in a folder, sorted; none if there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  /** Where a file lies, links followed; the path itself if there is no such file. */
  real(path: string): Promise<string>;
}

/** Where libraries are looked for. */
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

/** What is known of the imports of one language. */
export interface ImportLanguage {
  /** Endings of its files, with the dot. */
  readonly endings: readonly string[];

  /** What a text imports, as it is written there. Relative imports are among them. */
  importsIn(text: string): string[];

  /**
   * The files of a library that an import names, the most telling first. None for what belongs to
   * the project itself, which is indexed anyway.
   *
   * @param from path of the importing file
   */
  locate(
    specifier: string,
    from: string,
    places: LibraryPlaces,
  ): Promise<readonly string[]>;

  /** What a file of a library declares: names and signatures, without bodies and comments. */
  signatures(text: string, path: string): string;

  /** Further files of the library whose declarations `text` passes on. */
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

/** The first of some paths that is a file, in a list; an empty one if none is. */
export async function firstFile(
  { reader }: LibraryPlaces,
  paths: readonly string[],
): Promise<string[]> {
  for (const path of paths) if (await reader.isFile(path)) return [path];
  return [];
}
