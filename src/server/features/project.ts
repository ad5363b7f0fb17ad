import { createHash } from "node:crypto";
import { homedir } from "node:os";
import {
  setImmediate as yieldToEventLoop,
  setTimeout as sleep,
} from "node:timers/promises";
import { URI } from "vscode-uri";
import { refuseAccess } from "../../exclusion/refuseAccess";
import type { CopyIndex } from "../../copying/copyIndex";
import {
  nameCandidates,
  type NameCandidate,
  type NameQuery,
} from "../../project/candidates";
import { isIn, ProjectFiles } from "../../project/files";
import { readSource } from "../../project/filesRead";
import { diskReader, Libraries } from "../../project/imports/libraries";
import { Indexer } from "../../project/indexer";
import { mostSources, Project } from "../../project/project";
import { ProjectStore } from "../../project/projectStore";
import {
  notIndexing,
  type ProjectMode,
  type ProjectState,
} from "../../protocol";
import type { LoadedModel } from "../../runtime/loadedModel";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import { indexingDelayMs } from "../idleDelay";
import { IndexingDisplay } from "../indexingDisplay";
import type { Power } from "../power";
import { describe } from "../describe";
import type { ProjectKnowledge, Session } from "../session";

/** Milliseconds between two checks whether the computer is plugged in, while there is work to do. */
const batteryDelayMs = 30_000;
/** Most names of the project that are candidates for a half-typed name. */
export const maxProjectNames = 64;
/** Most bytes of a file that is read again to find the line that was copied. */
const mostBytesRead = 4 * 1024 * 1024;
/** Tokens whose bytes are hashed between two yields to the event loop. */
const hashedAtOnce = 4096;

export interface ProjectOptions {
  readonly mode: ProjectMode;
  /** Most bytes that the index of the project may take. */
  readonly budgetBytes: number;
  /** Absolute path of the Python interpreter whose packages are read; empty: none is named. */
  readonly pythonPath: string;
  /** Whether the client takes `rwkv/indexing`. */
  readonly isNotified: boolean;
}

/** The index of one set of folders, with the tokenizer of one model. */
interface Indexed {
  readonly project: Project;
  readonly indexer: Indexer;
  readonly model: LoadedModel;
}

/**
 * The index of the workspace's folders. It is built while nothing is requested, as soon as a first model
 * is loaded.
 */
export class ProjectIndex implements ProjectKnowledge {
  private current: Indexed | undefined;
  /** A number that each start and stop raises, so that an older start gives up. */
  private starts = 0;
  /** The latest start. */
  private starting: Promise<void> = Promise.resolve();
  /** When the user did something last, by `performance.now()`. */
  private lastActivity = -Infinity;
  /** The revision of the settings at which all indexed files were asked to be checked. */
  private askedAt = -1;
  /** The model of the latest start, which waits for a first folder if there is none. */
  private latest: LoadedModel | undefined;
  /** URIs of the open documents by the paths of their files. */
  private readonly openUris = new Map<string, string>();
  private readonly display: IndexingDisplay;

  constructor(
    private readonly session: Omit<
      Session,
      "readAhead" | "startAhead" | "project"
    >,
    private readonly power: Power,
    private readonly options: ProjectOptions,
  ) {
    this.display = new IndexingDisplay(
      session.connection,
      options.isNotified,
      session.translate,
      () => this.pause(true),
    );
  }

  /** Whether suggestions may copy from other files at all. */
  get usesOtherFiles(): boolean {
    return this.options.mode !== "off";
  }

  /** Starts indexing with a model's tokenizer, unless the model that it uses is still loaded. */
  async modelLoaded(model: LoadedModel): Promise<void> {
    const inUse = this.current?.model;
    if (inUse !== undefined && this.session.models.loaded().includes(inUse))
      return;
    await this.start(model);
  }

  /** Starts again with the new folders. */
  async foldersChanged(): Promise<void> {
    const { latest } = this;
    const isLoaded = latest && this.session.models.loaded().includes(latest);
    const model = this.current?.model ?? (isLoaded ? latest : undefined);
    if (model !== undefined) await this.start(model);
  }

  /** Checks again which files may be read; resumes indexing. */
  settingsChanged(): void {
    const { current } = this;
    current?.indexer.goOn();
    if (current !== undefined) this.check(current.indexer);
  }

  private check(indexer: Indexer): void {
    this.askedAt = this.session.settings.revision;
    indexer.rescan();
  }

  /** Pauses or resumes indexing. */
  pause(isPaused: boolean): void {
    const indexer = this.current?.indexer;
    if (isPaused) indexer?.pause();
    else indexer?.goOn();
  }

  /** To be called whenever the user does something: indexing waits until nothing has happened for a moment. */
  later(): void {
    this.lastActivity = performance.now();
  }

  opened(uri: string): void {
    const path = pathOf(uri);
    if (path !== undefined) this.openUris.set(path, uri);
    this.withPath(uri, (path, { indexer }) => indexer.opened(path));
  }

  edited(uri: string): void {
    this.later();
    this.withPath(uri, (path, { indexer }) => indexer.edited(path));
  }

  closed(uri: string): void {
    const path = pathOf(uri);
    if (path !== undefined) this.openUris.delete(path);
    this.withPath(uri, (path, { indexer }) => indexer.closed(path));
  }

  /** Indexes files again that have been made, changed or removed. */
  filesChanged(uris: readonly string[]): void {
    const paths = uris.flatMap((uri) => pathOf(uri) ?? []);
    this.current?.indexer.changed(paths);
  }

  /** Copy indexes of closed files, the most related first; none for another model than they were made with. */
  sourcesFor(uri: string, model: LoadedModel): CopyIndex[] {
    const path = pathOf(uri);
    if (path === undefined || this.current?.model !== model) return [];
    if (!this.isDecided) return [];
    const isOpen = (file: string) => this.openUris.has(file);
    return this.current.project.sourcesFor(path, mostSources, isOpen);
  }

  /** Names of the project that may stand at a place, the likeliest first. */
  candidates(
    uri: string,
    place: Omit<NameQuery, "path">,
    most: number,
  ): NameCandidate[] {
    const path = pathOf(uri);
    if (path === undefined || this.current === undefined) return [];
    if (!this.isDecided) return [];
    return nameCandidates(this.current.project, { path, ...place }, most);
  }

  async indexed(): Promise<void> {
    await this.starting;
    const { current } = this;
    if (current?.indexer.progress.phase !== "paused")
      await current?.indexer.settled();
  }

  fileOf(index: CopyIndex): string | undefined {
    return this.current?.project.fileOf(index)?.path;
  }

  isLibrary(path: string): boolean {
    const project = this.current?.project;
    const file = project?.idOf(path);
    return file !== undefined && project?.record(file)?.isLibrary === true;
  }

  async readText(path: string): Promise<string | undefined> {
    if (!(await this.mayRead(path))) return undefined;
    const source = await readSource(path, mostBytesRead);
    return typeof source === "string" ? undefined : source.text;
  }

  /** Whether all indexed files were checked under the present settings. Until then none of them is used. */
  private get isDecided(): boolean {
    const isAsked = this.askedAt === this.session.settings.revision;
    return isAsked && this.current?.indexer.isChecked === true;
  }

  /** What is known; undefined if projects are not indexed. */
  report(): ProjectState | undefined {
    if (this.current === undefined) return undefined;
    const { project, indexer } = this.current;
    const { phase, done, total } = indexer.progress;
    return { ...project.figures, phase, done, total };
  }

  /** Deletes what is saved of this workspace's projects, forgets what is known, and starts anew. */
  async clear(): Promise<void> {
    const model = this.current?.model;
    await this.stop();
    const { statesPath } = this.session;
    if (statesPath !== "") await ProjectStore.clear(statesPath);
    if (model !== undefined) await this.start(model);
  }

  async stop(): Promise<void> {
    this.starts++;
    const { current } = this;
    this.current = undefined;
    await current?.indexer.stop();
    this.display.show(notIndexing);
  }

  private start(model: LoadedModel): Promise<void> {
    this.latest = model;
    return (this.starting = this.startWith(model));
  }

  private async startWith(model: LoadedModel): Promise<void> {
    await this.stop();
    if (this.options.mode !== "on") return;
    const start = this.starts;
    const roots = this.session.folders.flatMap((uri) => pathOf(uri) ?? []);
    if (roots.length === 0) return;
    const key = await tokenizerKey(model.tokenizer);
    if (start !== this.starts) return;
    const { budgetBytes } = this.options;
    const { statesPath, documents } = this.session;
    const log = (line: string) =>
      this.session.connection.console.info(`project: ${line}`);
    const mayRead = (path: string) => this.mayRead(path);
    const project = new Project({ budget: budgetBytes });
    const indexer = new Indexer({
      files: new ProjectFiles(roots, { mayRead, log }),
      project,
      mayRead,
      openText: (path) => this.openText(path),
      store:
        statesPath === ""
          ? undefined
          : new ProjectStore(statesPath, {
              roots,
              tokenizer: key,
              mostBytes: 2 * budgetBytes,
            }),
      libraries: new Libraries({
        reader: diskReader(mayRead),
        roots,
        home: homedir(),
        environment: process.env,
        pythonPath: this.options.pythonPath,
      }),
      turn: () => this.turn(),
      log,
      onProgress: (progress) => this.display.show(progress),
      onOutdated: () => this.session.completer.forgetShown(),
    });
    this.current = { project, indexer, model };
    indexer.useTokenizer(model.tokenizer, model.sources.firstText);
    for (const { document } of documents.all()) this.opened(document.uri);
    this.check(indexer);
  }

  /** Resolves when the engine is idle and the user has done nothing for a moment. */
  private async turn(): Promise<void> {
    await yieldToEventLoop();
    for (;;) {
      await this.session.runner.whenIdle();
      const wait = this.lastActivity + indexingDelayMs - performance.now();
      if (wait > 0) await sleep(wait, undefined, { ref: false });
      else if (await this.savesPower())
        await sleep(batteryDelayMs, undefined, { ref: false });
      else if (this.session.runner.isIdle) return;
    }
  }

  private async savesPower(): Promise<boolean> {
    const [folder = ""] = this.session.folders;
    const known = await this.session.settings.get(folder);
    return known?.readAhead !== "always" && (await this.power.onBattery());
  }

  /** Whether a file may be read: the rule for documents, by the settings of the folder that it is in. */
  private async mayRead(path: string): Promise<boolean> {
    const { folders, settings } = this.session;
    const known = await settings.get(innermost(folders, path) ?? "");
    const uri = URI.file(path).toString();
    return (await refuseAccess(uri, known, folders)) === undefined;
  }

  private openText(path: string): string | undefined {
    const uri = this.openUris.get(path);
    if (uri === undefined) return undefined;
    return this.session.documents.get(uri)?.document.getText();
  }

  private withPath(
    uri: string,
    use: (path: string, indexed: Indexed) => void,
  ): void {
    const path = pathOf(uri);
    if (path !== undefined && this.current !== undefined)
      use(path, this.current);
  }
}

/** Logs the error of work on the project that nobody awaits. */
export function logFailure(
  { connection }: Pick<Session, "connection">,
  work: Promise<unknown>,
): void {
  work.catch((error: unknown) =>
    connection.console.error(`project: ${describe(error)}`),
  );
}

/** The path of a file on this machine; undefined for other URIs. */
function pathOf(uri: string): string | undefined {
  const parsed = URI.parse(uri);
  return parsed.scheme === "file" ? parsed.fsPath : undefined;
}

/** The URI of the innermost folder that a path is in, or else of the first one; undefined if there is none. */
function innermost(
  folders: readonly string[],
  path: string,
): string | undefined {
  const depth = (uri: string) => {
    const folder = pathOf(uri);
    return folder !== undefined && isIn(folder, path) ? folder.length : 0;
  };
  return folders.reduce<string | undefined>(
    (best, uri) =>
      best === undefined || depth(uri) > depth(best) ? uri : best,
    undefined,
  );
}

/** Identifies a tokenizer: the sha256 of the bytes of all its tokens, in hexadecimal. */
async function tokenizerKey(tokenizer: Tokenizer): Promise<string> {
  const sum = createHash("sha256");
  for (let id = 0; id < tokenizer.vocabularySize; id++) {
    const bytes = tokenizer.bytesOf(id);
    sum.update(`${bytes.length}:`).update(bytes);
    if (id % hashedAtOnce === hashedAtOnce - 1) await yieldToEventLoop();
  }
  return sum.digest("hex");
}
