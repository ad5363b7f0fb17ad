import type { CopyIndex } from "../copying/copyIndex";
import { byRank } from "./byRank";
import { NameIndex } from "./nameIndex";
import { NameKind, type NameUse } from "./names";
import type { Postings } from "./postings";
import { RelatedFiles, type RelatedFile } from "./related";
import { TokenStore, type Tokens } from "./tokenStore";

export interface ProjectOptions {
  /** Most bytes of all names, tokens and indexes. */
  readonly budget: number;
  /** The same key for all spellings of a path; default: lower case on systems that ignore case. */
  readonly keyOf?: (path: string) => string;
}

/** A file of the project, without names and tokens. */
export interface FileRecord {
  readonly path: string;
  /** Bytes on the disk; −1 for the text of an editor. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Its imports, as they are written there. */
  readonly imports: readonly string[];
  /** Keys (`Library.path`) of the libraries that it imports. */
  readonly libraries: readonly string[];
  /** Whether it is an imported library rather than one of the project's own files. */
  readonly isLibrary: boolean;
}

/** The names and tokens of a file. */
export interface FileContent {
  readonly names: ReadonlyMap<string, NameUse>;
  /** Undefined: not to be copied from. */
  readonly tokens: Tokens | undefined;
}

/** Figures of a project for _Show State_. */
export interface ProjectFigures {
  readonly files: number;
  readonly libraries: number;
  readonly names: number;
  /** Files that can be copied from. */
  readonly sources: number;
  /** Files of which nothing is kept because the budget is spent. */
  readonly leftOut: number;
  readonly bytes: number;
  readonly budget: number;
}

/** The share of the budget for copy indexes of the nearest files. */
const indexShare = 1 / 6;
/** Bytes of a file besides names and tokens: its record and its entries in maps; measured. */
const bytesOfFile = 700;
/** Number of files remembered as those where the user has worked last. */
const mostFocused = 8;
/** Share of the budget that `makeRoom` frees, so that it does not run for every file. */
const freedShare = 1 / 32;
/** Share of the budget in unused names above which `compact` is worth its time. */
const deadShare = 1 / 16;
/** Number of files, the most related to the one being written, that have copy indexes and are copied from. */
export const mostSources = 200;
/** Number of names remembered as the latest declared or imported ones. */
const mostFresh = 64;

/**
 * The names of a project, and tokens to copy from, by file. It holds no text and reads no file. It keeps
 * to a budget of bytes: first copy indexes are dropped, then tokens, then names, those of the files
 * farthest from where the user works first.
 */
export class Project {
  readonly names: NameIndex;
  private tokens: TokenStore;
  private readonly related = new RelatedFiles();
  private readonly records = new Map<number, FileRecord>();
  private readonly ids = new Map<string, number>();
  private readonly keyOf: (path: string) => string;
  private nextId = 0;
  private pathBytes = 0;
  /** Paths where the user works, the latest last. */
  private focused: string[] = [];
  private fresh: string[] = [];
  private readonly leftOut = new Set<string>();
  /** For each file, and each library that it imports, the imports that name the library; by key. */
  private readonly specifiers = new Map<
    string,
    ReadonlyMap<string, readonly string[]>
  >();
  private nearCache:
    | { path: string; change: number; most: number; near: RelatedFile[] }
    | undefined;
  private change = 0;

  constructor(private readonly options: ProjectOptions) {
    this.keyOf = options.keyOf ?? defaultKey;
    this.names = new NameIndex();
    this.tokens = new TokenStore(0);
  }

  /** Bytes held. */
  get bytes(): number {
    return (
      this.names.bytes +
      this.tokens.bytes +
      this.pathBytes +
      bytesOfFile * this.records.size
    );
  }

  get figures(): ProjectFigures {
    let libraries = 0;
    for (const { isLibrary } of this.records.values())
      if (isLibrary) libraries++;
    const files = this.records.size - libraries;
    return {
      files,
      libraries,
      names: this.names.size,
      sources: this.tokens.size,
      leftOut: this.leftOut.size,
      bytes: this.bytes,
      budget: this.options.budget,
    };
  }

  /** The number of a file; undefined if it is unknown. */
  idOf(path: string): number | undefined {
    return this.ids.get(this.keyOf(path));
  }

  record(file: number): FileRecord | undefined {
    return this.records.get(file);
  }

  /** All files with their numbers. */
  all(): IterableIterator<[number, FileRecord]> {
    return this.records.entries();
  }

  tokensOf(file: number): Tokens | undefined {
    return this.tokens.get(file);
  }

  /**
   * Whether the tokens of a file would be kept; if not, they need not be computed.
   *
   * @param length expected number of tokens
   */
  wantsTokens(path: string, length: number): boolean {
    const { budget } = this.options;
    const without = this.bytes - this.tokens.indexBytes;
    const room = budget * (1 - indexShare - freedShare);
    if (without + 2 * length < room) return true;
    return this.focused.some((focus) => folderOf(focus) === folderOf(path));
  }

  /** Replaces the names and tokens of a file. */
  update(record: FileRecord, content: FileContent): void {
    const isKnown = this.idOf(record.path) !== undefined;
    const file = this.register(record);
    const fresh = this.names.update(file, content.names);
    if (isKnown && !record.isLibrary) this.noteFresh(file, fresh);
    if (content.tokens === undefined) this.tokens.delete(file);
    else this.tokens.set(file, content.tokens);
    this.makeRoom();
  }

  /** Adds a file from saved data. */
  restore(
    record: FileRecord,
    names: Postings,
    tokens: Tokens | undefined,
  ): void {
    const file = this.register(record);
    this.names.restore(file, names);
    if (tokens !== undefined) this.tokens.set(file, tokens);
  }

  remove(path: string): void {
    const key = this.keyOf(path);
    const file = this.ids.get(key);
    this.leftOut.delete(key);
    if (file !== undefined) this.forget(file, key);
  }

  /** Whether unused names take so many bytes that `compact` is worth its time. */
  get needsCompacting(): boolean {
    return this.names.deadBytes > this.options.budget * deadShare;
  }

  /** Frees the bytes of unused names, in steps; the project must not change meanwhile. */
  compact(): Generator<void> {
    return this.names.compact();
  }

  /** Forgets the names and tokens of all files. */
  clear(): void {
    for (const [file, { path }] of [...this.records])
      this.forget(file, this.keyOf(path));
    this.leftOut.clear();
    this.fresh = [];
  }

  /**
   * Forgets all tokens, for the use of another tokenizer.
   *
   * @param firstText ids below this are special tokens, which are never copied
   */
  useTokenizer(firstText: number): void {
    this.tokens = new TokenStore(firstText);
  }

  /** Whether a file was left out because the budget is spent, and still would be. */
  isLeftOut(path: string): boolean {
    const { budget } = this.options;
    return (
      this.leftOut.has(this.keyOf(path)) &&
      this.bytes > budget * (1 - 2 * freedShare)
    );
  }

  /** Sets where the user works now. */
  focus(path: string): void {
    this.focused = this.focused.filter((known) => known !== path);
    this.focused.push(path);
    if (this.focused.length > mostFocused) this.focused.shift();
  }

  /** Counts a file as the latest edited one. */
  touch(path: string): void {
    this.focus(path);
    const file = this.idOf(path);
    if (file !== undefined) this.related.touch(file);
    this.change++;
  }

  /** Where the user works, the latest first. */
  get focusedPaths(): readonly string[] {
    return this.focused.toReversed();
  }

  /** The latest declared or imported names, the latest last. */
  get freshNames(): readonly string[] {
    return this.fresh;
  }

  /** The files nearest to a path, the nearest first, libraries that it does not import left out. */
  near(path: string, most: number): RelatedFile[] {
    const known = this.nearCache;
    if (
      known?.path === path &&
      known.change === this.change &&
      known.most >= most
    )
      return known.near.slice(0, most);
    const file = this.idOf(path);
    const imports = file === undefined ? [] : this.records.get(file)!.imports;
    // All who ask have enough of these.
    const wanted = Math.max(most, mostSources);
    const near = this.related.near(path, imports, wanted);
    this.nearCache = { path, change: this.change, most: wanted, near };
    return near.slice(0, most);
  }

  /**
   * Sets which libraries a file imports.
   *
   * @param libraries for each library's key, the imports that name it
   */
  setLibraries(
    path: string,
    libraries: ReadonlyMap<string, readonly string[]>,
  ): void {
    const file = this.idOf(path);
    if (file === undefined) return;
    const record = this.records.get(file)!;
    this.records.set(file, { ...record, libraries: [...libraries.keys()] });
    this.specifiers.set(this.keyOf(path), libraries);
  }

  /**
   * Whether a file imports a library as `specifier` or as a part of it: `os` and `os.path`.
   *
   * @param library its number
   */
  isImportedAs(path: string, library: number, specifier: string): boolean {
    const record = this.records.get(library);
    const names = this.specifiers
      .get(this.keyOf(path))
      ?.get(record?.path ?? "");
    return (names ?? []).some(
      (name) =>
        name === specifier ||
        name.startsWith(`${specifier}.`) ||
        name.startsWith(`${specifier}::`),
    );
  }

  /** The libraries that a file imports. */
  librariesOf(path: string): number[] {
    const file = this.idOf(path);
    if (file === undefined) return [];
    const ids = this.records.get(file)!.libraries.map((one) => this.idOf(one));
    return [...new Set(ids.filter((id) => id !== undefined))];
  }

  /**
   * Builds the copy index of one of the files nearest to a path. To be called until it returns false,
   * with other work in between.
   *
   * @param most number of nearest files to build
   * @returns whether there may be more to build
   */
  buildNext(path: string, most: number): boolean {
    const wanted = this.sourceFiles(path, most);
    const keep = new Set(wanted);
    for (const file of wanted) {
      if (this.tokens.index(file) !== undefined) continue;
      if (!this.tokens.has(file)) continue;
      const others = this.bytes - this.tokens.indexBytes;
      const room = Math.min(
        this.options.budget * indexShare,
        this.options.budget - others,
      );
      return this.tokens.build(file, keep, room);
    }
    return false;
  }

  /**
   * Copy indexes of the files nearest to a path that have been built, the nearest first.
   *
   * @param isOpen says which files to leave out, since they are open and have other indexes
   */
  sourcesFor(
    path: string,
    most: number,
    isOpen: (path: string) => boolean = () => false,
  ): CopyIndex[] {
    return this.sourceFiles(path, most)
      .filter((file) => !isOpen(this.records.get(file)!.path))
      .flatMap((file) => this.tokens.index(file) ?? []);
  }

  /** The file that a copy index was built of; undefined if it is none of the project's. */
  fileOf(index: CopyIndex): FileRecord | undefined {
    const file = this.tokens.fileOf(index);
    return file === undefined ? undefined : this.records.get(file);
  }

  private sourceFiles(path: string, most: number): number[] {
    const near = this.near(path, most).map(({ file }) => file);
    return [...new Set([...near, ...this.librariesOf(path)])];
  }

  private register(record: FileRecord): number {
    const key = this.keyOf(record.path);
    const known = this.ids.get(key);
    const file = known ?? this.nextId++;
    if (known === undefined) {
      this.ids.set(key, file);
      this.pathBytes += 2 * key.length;
    }
    this.records.set(file, record);
    this.leftOut.delete(key);
    if (!record.isLibrary) this.related.add(file, record.path, record.imports);
    this.change++;
    return file;
  }

  private forget(file: number, key: string): void {
    this.names.remove(file);
    this.tokens.delete(file);
    this.related.remove(file);
    this.records.delete(file);
    this.specifiers.delete(key);
    this.ids.delete(key);
    this.pathBytes -= 2 * key.length;
    this.change++;
  }

  private noteFresh(file: number, names: readonly number[]): void {
    const postings = this.names.postingsOf(file);
    const isNew = NameKind.declared | NameKind.imported;
    const fresh = new Set(names);
    postings?.forEach((id, _, kinds) => {
      if (!fresh.has(id) || (kinds & isNew) === 0) return;
      const name = this.names.text(id);
      this.fresh = this.fresh.filter((other) => other !== name);
      this.fresh.push(name);
    });
    this.fresh = this.fresh.slice(-mostFresh);
  }

  /** Drops copy indexes, then tokens, then names, of the farthest files first, until the budget is kept. */
  private makeRoom(): void {
    const { budget } = this.options;
    const needed = () => this.bytes - this.names.deadBytes;
    if (needed() <= budget) return;
    const goal = budget * (1 - freedShare);
    const stepsTo = this.related.stepsTo(this.focused);
    const farthestFirst = byRank(this.records.keys(), (file) => -stepsTo(file));
    for (const file of farthestFirst) {
      if (needed() <= goal) return;
      this.tokens.delete(file);
    }
    this.tokens.dropIndexes();
    for (const file of farthestFirst) {
      if (needed() <= goal) return;
      const key = this.keyOf(this.records.get(file)!.path);
      this.forget(file, key);
      this.leftOut.add(key);
    }
  }
}

function folderOf(path: string): string {
  return path.replace(/[/\\][^/\\]*$/, "");
}

function defaultKey(path: string): string {
  const takesBoth =
    process.platform === "win32" || process.platform === "darwin";
  return takesBoth ? path.toLowerCase() : path;
}
