import { dirname } from "node:path";
import { commonStart } from "../text/inCommon";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { byRank } from "./byRank";
import { namesOf, tokensOf } from "./fileContent";
import type { FilesLook, FoundFile, MayRead, ProjectFiles } from "./files";
import { changesRules } from "./filesGit";
import { isGenerated } from "./filesKind";
import { readSource, type SourceText, type Unread } from "./filesRead";
import { importsIn, installs, type Libraries } from "./imports/libraries";
import type { NameScan } from "./names";
import { mostSources, type FileRecord, type Project } from "./project";
import type { ProjectStore } from "./projectStore";
import { Slices } from "./slices";
import { withTimeLimit } from "./timeLimit";

/** The phase of indexing and its progress. */
export interface IndexingProgress {
  readonly phase:
    "idle" | "reading saved" | "looking for files" | "indexing" | "paused";
  readonly done: number;
  readonly total: number;
}

export interface IndexerOptions {
  readonly files: ProjectFiles;
  readonly project: Project;
  /** Whether a file may be read, as in `files`; also called for documents that are open. */
  readonly mayRead: MayRead;
  /** The text of a document that is open in the editor; undefined if it is not. */
  readonly openText?: (path: string) => string | undefined;
  readonly store?: ProjectStore | undefined;
  readonly libraries?: Libraries | undefined;
  /** Returns a parser's scan for names; undefined for languages without a parser. */
  readonly scanOf?: (path: string) => NameScan | undefined;
  /**
   * Resolves when the engine is idle, so that the next run of some ten milliseconds may start. It has to
   * yield to the event loop.
   */
  readonly turn: () => Promise<void>;
  readonly log?: (line: string) => void;
  readonly onProgress?: (progress: IndexingProgress) => void;
  /** Called when the text of a known file that is not open has changed, or may not be used any more. */
  readonly onOutdated?: () => void;
}

/** UTF-16 units of the signatures of all libraries together. */
const mostLibraryUnits = 4_000_000;
/** Bytes of a token, to estimate a file's number of tokens. */
const bytesOfToken = 3;
/** Most files read at the same time. */
const readAtOnce = 8;
/** Milliseconds for reading one file. */
const maxWait = 5000;

/** More characters than any path has. */
const longestPath = 1e6;

/** Thrown to end work after `stop`. */
class Stopped extends Error {}

/**
 * Keeps a project in step with the disk and the editor, in the background: one loop that works while
 * there is something to do and ends when there is not, so that an idle project costs nothing.
 */
export class Indexer {
  /** Paths to be indexed, with the file that a walk has found there. */
  private readonly pending = new Map<string, FoundFile | undefined>();
  /** Paths with changes that had files of the project below them. */
  private readonly wereFolders = new Set<string>();
  private needsWalk = false;
  /** How often all files were asked to be checked, and which of these times the last complete walk has answered. */
  private asked = 0;
  private checked = 0;
  private needsLoad: boolean;
  private needsSave = false;
  private needsSources = false;
  private readonly needsLibraries = new Set<string>();
  /** Whether packages may have been installed, updated or removed. */
  private areLibrariesOld = false;
  private tokenizer: Tokenizer | undefined;
  private running: Promise<void> | undefined;
  private readonly abort = new AbortController();
  private resume: (() => void) | undefined;
  private pausing: Promise<void> | undefined;
  private done = 0;
  /** Number of files that have been read and are not indexed yet. */
  private inHand = 0;
  private libraryUnits = 0;
  private phase: IndexingProgress["phase"] = "idle";
  private readonly slices: Slices;

  constructor(private readonly options: IndexerOptions) {
    this.needsLoad = options.store !== undefined;
    this.slices = new Slices(
      async () => {
        await this.pausing;
        await options.turn();
      },
      () => {
        if (this.abort.signal.aborted) throw new Stopped();
      },
    );
  }

  get progress(): IndexingProgress {
    const total = this.done + this.inHand + this.pending.size;
    const phase = this.pausing === undefined ? this.phase : "paused";
    return { phase, done: this.done, total };
  }

  /**
   * Checks all files: when the project is opened, and when the rules of reading have changed. What is known is
   * not to be used before that is done.
   */
  rescan(): void {
    this.asked++;
    this.needsWalk = true;
    this.start();
  }

  /** Whether all that is known, as it was saved, too, may be read by the rules at the last `rescan`. */
  get isChecked(): boolean {
    return this.checked === this.asked;
  }

  /**
   * Changes the tokenizer: all files are tokenised again.
   *
   * @param firstText ids below this are special tokens
   */
  useTokenizer(tokenizer: Tokenizer, firstText: number): void {
    if (this.tokenizer === tokenizer) return;
    const isFirst = this.tokenizer === undefined && this.needsLoad;
    this.tokenizer = tokenizer;
    this.options.project.useTokenizer(firstText);
    // The saved project is loaded afterwards, with its tokens.
    if (isFirst) return;
    for (const [, { path, isLibrary }] of this.options.project.all())
      if (!isLibrary) this.pending.set(path, undefined);
    this.start();
  }

  /** Files or folders were created, changed or removed; a rename gives both paths. */
  changed(paths: Iterable<string>): void {
    const { project } = this.options;
    const unknown = new Set<string>();
    for (const path of paths) {
      if (project.idOf(path) === undefined) unknown.add(path);
      if (changesRules(path)) this.needsWalk = true;
      if (installs(path)) this.areLibrariesOld = true;
      this.pending.set(path, undefined);
    }
    if (unknown.size > 0) this.noteFolders(unknown);
    this.start();
  }

  /** Notes which of some paths have files of the project below them. */
  private noteFolders(paths: ReadonlySet<string>): void {
    const seen = new Set<string>();
    for (const [, { path }] of this.options.project.all())
      for (let at = dirname(path); !seen.has(at); at = dirname(at)) {
        seen.add(at);
        if (paths.has(at)) this.wereFolders.add(at);
      }
  }

  /** A document was opened, or shown again. */
  opened(path: string): void {
    this.options.project.focus(path);
    this.pending.set(path, undefined);
    this.needsLibraries.add(path);
    this.needsSources = true;
    this.start();
  }

  /** The user has edited a document. */
  edited(path: string): void {
    this.options.project.touch(path);
    this.pending.set(path, undefined);
    this.needsLibraries.add(path);
    this.start();
  }

  /** A document was closed: its text on the disk is indexed again. */
  closed(path: string): void {
    this.pending.set(path, undefined);
    this.start();
  }

  pause(): void {
    this.pausing ??= new Promise((resolve) => {
      this.resume = resolve;
    });
    this.report();
  }

  /** Goes on after `pause`. */
  goOn(): void {
    this.resume?.();
    this.pausing = undefined;
    this.resume = undefined;
    this.report();
  }

  /** Resolves when all is indexed. */
  async settled(): Promise<void> {
    while (this.running !== undefined) await this.running;
  }

  /** Stops for good. What is known stays in the project. */
  async stop(): Promise<void> {
    this.abort.abort();
    this.goOn();
    await this.settled();
  }

  private start(): void {
    if (this.running !== undefined || this.abort.signal.aborted) return;
    this.running = this.run().finally(() => {
      this.running = undefined;
      if (this.hasWork) this.start();
    });
  }

  private get hasWork(): boolean {
    return (
      !this.abort.signal.aborted &&
      (this.needsWalk ||
        this.needsSources ||
        this.areLibrariesOld ||
        this.pending.size > 0 ||
        this.needsLibraries.size > 0)
    );
  }

  private async run(): Promise<void> {
    try {
      // The caller goes on first.
      await this.options.turn();
      if (this.needsLoad) await this.load();
      while (this.hasWork) {
        if (this.needsWalk) await this.walk();
        await this.index();
        if (this.areLibrariesOld) this.forgetLibraries();
        await this.readLibraries();
        await this.buildSources();
        if (this.pending.size === 0) await this.refreshNames();
      }
      if (this.needsSave) await this.save();
    } catch (error) {
      if (!(error instanceof Stopped)) {
        this.log(`indexing the project: ${String(error)}`);
        this.needsWalk = this.needsSources = this.areLibrariesOld = false;
        this.pending.clear();
        this.needsLibraries.clear();
      }
    } finally {
      this.done = this.inHand = 0;
      this.to("idle");
    }
  }

  private async load(): Promise<void> {
    this.needsLoad = false;
    this.to("reading saved");
    if (await this.options.store?.load(this.options.project)) {
      const { files, names } = this.options.project.figures;
      this.log(`${files} files, ${names} names as they were saved`);
    }
  }

  /** Finds new, changed and removed files. */
  private async walk(): Promise<void> {
    const { files, project } = this.options;
    const { asked } = this;
    this.needsWalk = false;
    this.to("looking for files");
    // What a library passes on is not known, so that it is read again where the rules may be others.
    if (!this.isChecked) this.forgetLibraries();
    const found = new Set<number>();
    for await (const file of files.walk(this.abort.signal)) {
      await this.slices.next();
      const id = project.idOf(file.path);
      if (id !== undefined) found.add(id);
      const known = id === undefined ? undefined : project.record(id);
      const isSame =
        known?.size === file.size && known.modified === file.modified;
      const lacksTokens =
        id !== undefined &&
        this.tokenizer !== undefined &&
        project.tokensOf(id) === undefined &&
        project.wantsTokens(file.path, file.size / bytesOfToken);
      if ((!isSame || lacksTokens) && !project.isLeftOut(file.path))
        this.pending.set(file.path, file);
    }
    if (this.abort.signal.aborted) throw new Stopped();
    for (const [id, { path, isLibrary }] of [...project.all()]) {
      if (isLibrary) continue;
      const isKept = this.isOpen(path)
        ? await this.mayRead(path)
        : found.has(id);
      if (!isKept) this.forget(path);
    }
    this.checked = asked;
  }

  private async index(): Promise<void> {
    this.to("indexing");
    while (this.pending.size > 0 && !this.needsWalk) {
      await this.forgetBelow();
      const paths = this.nearestFirst();
      for (let i = 0; i < paths.length && !this.needsWalk; i += readAtOnce) {
        const batch = paths.slice(i, i + readAtOnce);
        this.inHand = batch.length;
        // A new one, since folders may have been made meanwhile that an older one has not found.
        const look = this.options.files.look();
        const sources = await Promise.all(
          batch.map((path) => this.readFile(path, look)),
        );
        for (const [n, path] of batch.entries()) {
          await this.slices.next();
          await this.indexFile(path, sources[n], look);
          this.done++;
          this.inHand--;
          this.report();
        }
        await this.compact();
      }
    }
  }

  private async compact(): Promise<void> {
    const { project } = this.options;
    if (!project.needsCompacting) return;
    for (const _ of project.compact()) await this.slices.next();
  }

  /** The pending paths, those nearest to where the user works first. */
  private nearestFirst(): string[] {
    const focused = this.options.project.focusedPaths;
    /** For each folder, the length of its common prefix with the focused path. */
    const shared = new Map<string, number>();
    return byRank(this.pending.keys(), (path) => {
      const at = focused.indexOf(path);
      if (at >= 0) return at - focused.length - longestPath;
      const folder = path.slice(0, path.search(/[^/\\]*$/));
      let common = shared.get(folder);
      if (common === undefined) {
        common = Math.max(0, ...focused.map((to) => commonStart(folder, to)));
        shared.set(folder, common);
      }
      return -common;
    });
  }

  /** A file's text; undefined if it does not exist or is open in the editor. */
  private async readFile(
    path: string,
    look: FilesLook,
  ): Promise<SourceText | Unread | undefined> {
    const found = this.pending.get(path);
    this.pending.delete(path);
    if (this.isOpen(path) || !(found ?? (await look.find(path))))
      return undefined;
    try {
      const reading = readSource(path, this.options.files.maxBytes);
      return await withTimeLimit(reading, maxWait, path);
    } catch (error) {
      this.log(String(error));
      return "unreadable";
    }
  }

  private async indexFile(
    path: string,
    source: SourceText | Unread | undefined,
    look: FilesLook,
  ): Promise<void> {
    const text = this.options.openText?.(path);
    if (text !== undefined) {
      if (await this.mayRead(path))
        await this.take(path, {
          text,
          size: -1,
          modified: Date.now(),
          isUtf8: true,
        });
      else this.forget(path);
    } else if (source === undefined) await this.maybeFolder(path, look);
    else if (typeof source === "string" || isGenerated(source.text))
      this.forget(path);
    else await this.take(path, source);
  }

  /** Handles a path that is no file of the project: a removed file, or a folder. */
  private async maybeFolder(path: string, look: FilesLook): Promise<void> {
    this.forget(path);
    for await (const file of look.walkFolder(path, this.abort.signal)) {
      await this.slices.next();
      this.pending.set(file.path, file);
    }
  }

  /** Forgets the files below the changed folders. Those that are still there are found again. */
  private async forgetBelow(): Promise<void> {
    if (this.wereFolders.size === 0) return;
    const folders = new Set(this.wereFolders);
    this.wereFolders.clear();
    for (const [, { path, isLibrary }] of [...this.options.project.all()]) {
      await this.slices.next();
      if (!isLibrary && isBelow(path, folders) && !this.isOpen(path))
        this.forget(path);
    }
  }

  private async take(
    path: string,
    { text, size, modified, isUtf8 }: SourceText,
  ): Promise<void> {
    const { project, scanOf } = this.options;
    const names = await namesOf(text, this.slices, scanOf?.(path));
    const wants =
      isUtf8 &&
      this.tokenizer !== undefined &&
      project.wantsTokens(path, text.length / bytesOfToken);
    const tokens = wants
      ? await tokensOf(text, this.tokenizer!, this.slices)
      : undefined;
    const id = project.idOf(path);
    const libraries = id === undefined ? [] : project.record(id)!.libraries;
    const imports = importsIn(path, text);
    if (id !== undefined && !this.isOpen(path)) this.options.onOutdated?.();
    const record: FileRecord = {
      path,
      size,
      modified,
      imports,
      libraries,
      isLibrary: false,
    };
    project.update(record, { names, tokens });
    this.needsSave = true;
  }

  /** Reads the libraries that the open documents import. */
  private async readLibraries(): Promise<void> {
    const { libraries, project } = this.options;
    for (const path of this.needsLibraries) {
      this.needsLibraries.delete(path);
      const id = project.idOf(path);
      const record = id === undefined ? undefined : project.record(id);
      if (libraries === undefined || record === undefined) continue;
      const located = await libraries.located(path, record.imports);
      const kept = new Map<string, readonly string[]>();
      for (const [key, { files, specifiers }] of located) {
        await this.slices.next();
        if (project.idOf(key) === undefined) {
          if (this.libraryUnits >= mostLibraryUnits) continue;
          const { text } = await libraries.read(key, files);
          if (text.trim() === "") continue;
          this.libraryUnits += text.length;
          if (this.libraryUnits >= mostLibraryUnits)
            this.log("no room for further libraries");
          await this.takeLibrary(key, text);
        }
        kept.set(key, specifiers);
      }
      project.setLibraries(path, kept);
    }
  }

  private async takeLibrary(path: string, text: string): Promise<void> {
    const names = await namesOf(text, this.slices, undefined);
    const tokens =
      this.tokenizer && (await tokensOf(text, this.tokenizer, this.slices));
    const record: FileRecord = {
      path,
      size: text.length,
      modified: 0,
      imports: [],
      libraries: [],
      isLibrary: true,
    };
    this.options.project.update(record, { names, tokens });
    this.needsSave = true;
  }

  /** Builds copy indexes of the files nearest to where the user works. */
  private async buildSources(): Promise<void> {
    this.needsSources = false;
    const [path] = this.options.project.focusedPaths;
    if (path === undefined) return;
    do await this.slices.next();
    while (
      this.pending.size === 0 &&
      this.options.project.buildNext(path, mostSources)
    );
  }

  private async refreshNames(): Promise<void> {
    for (const _ of this.options.project.names.refresh())
      await this.slices.next();
  }

  private async save(): Promise<void> {
    this.needsSave = false;
    try {
      await this.options.store?.save(this.options.project);
    } catch (error) {
      this.log(`the project was not saved: ${String(error)}`);
    }
  }

  private async mayRead(path: string): Promise<boolean> {
    try {
      return await this.options.mayRead(path);
    } catch {
      return false;
    }
  }

  private isOpen(path: string): boolean {
    return this.options.openText?.(path) !== undefined;
  }

  /** Has libraries searched again, since packages may have been installed or updated. */
  private forgetLibraries(): void {
    const { libraries, project, openText } = this.options;
    this.areLibrariesOld = false;
    libraries?.forget();
    this.libraryUnits = 0;
    for (const [, { path, isLibrary }] of [...project.all()])
      if (isLibrary) project.remove(path);
      else if (openText?.(path) !== undefined) this.needsLibraries.add(path);
  }

  private forget(path: string): void {
    if (this.options.project.idOf(path) === undefined) return;
    this.options.project.remove(path);
    this.options.onOutdated?.();
    this.needsSave = true;
  }

  private to(phase: IndexingProgress["phase"]): void {
    this.phase = phase;
    this.report();
  }

  private report(): void {
    this.options.onProgress?.(this.progress);
  }

  private log(line: string): void {
    this.options.log?.(line);
  }
}

/** Whether one of some folders holds a path. */
function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path; ; at = dirname(at)) {
    const above = dirname(at);
    if (above === at) return false;
    if (folders.has(above)) return true;
  }
}
