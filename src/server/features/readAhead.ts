import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { Position } from "vscode-languageserver/node";
import { URI } from "vscode-uri";
import { maxSuffixChars } from "../../copying/suffixIndex";
import { suffixAfterLine, type DocumentInfo } from "../../completion/context";
import { headerPath } from "../../completion/headerPath";
import type { PromptWindow } from "../../runtime/promptWindow";
import { orAborted } from "../../completion/orAborted";
import { noSuggestionReasonOf } from "../../completion/reasons";
import { isBinary, refuseDocument } from "../../completion/refuse";
import type { LoadedModel } from "../../runtime/loadedModel";
import type { VisibleDocumentsParams } from "../../protocol";
import type { OpenDocument } from "../documents";
import type { Power } from "../power";
import { neighbourFiles } from "../../runtime/fileVectors";
import { asRelativePath } from "../converters";
import { describe } from "../describe";
import { idleDelayMs } from "../idleDelay";
import { documentInfo, type Session } from "../session";
import { saveStates } from "./states";
import type { Unloading } from "./unloading";

/** Documents behind whose cursors text is read, and near to which closed files are, at most. */
const mostInSight = 8;

/** A document and its cursor, a UTF-16 offset; without one where text was last requested. */
interface Sight {
  readonly open: OpenDocument;
  readonly offset?: number;
}

/** A document and how far it is to be read, a UTF-16 offset. */
type Target = Required<Sight>;

/**
 * Reads the visible documents while nothing is requested, so that the first request finds its state, and the
 * text behind their cursors; indexes the other open ones, and reads the closed files that are nearest to the
 * visible ones. Any edit or request
 * stops it within a run of the network; it continues after a moment without any, and ends when all is read.
 */
export class ReadAhead {
  private visible: VisibleDocumentsParams["documents"] | undefined;
  private timer: NodeJS.Timeout | undefined;
  private abort = new AbortController();
  /** Documents that have been read to the end once. */
  private readonly readThrough = new WeakSet<OpenDocument>();
  /** The version of each document that is indexed as a whole. */
  private readonly indexedVersions = new WeakMap<OpenDocument, number>();

  constructor(
    private readonly session: Omit<Session, "readAhead" | "startAhead">,
    private readonly power: Power,
    private readonly unloading: Pick<Unloading, "later" | "stop">,
  ) {}

  /** Sets which documents are visible. */
  show({ documents }: VisibleDocumentsParams): void {
    this.visible = documents.filter(({ position }) => Position.is(position));
    this.later();
  }

  /** Stops, and starts again after a moment. To be called whenever something happens. */
  later(): void {
    this.stop();
    this.timer = setTimeout(
      () => void this.run(this.abort.signal),
      idleDelayMs,
    );
    this.timer.unref();
  }

  stop(): void {
    this.unloading.stop();
    clearTimeout(this.timer);
    this.abort.abort();
    this.abort = new AbortController();
  }

  private async run(signal: AbortSignal): Promise<void> {
    try {
      const targets = this.targets();
      for (const target of targets) await this.read(target, signal);
      for (const seen of this.inSight()) await this.readSuffix(seen, signal);
      await this.indexOthers(targets, signal);
    } catch (error) {
      this.report(error, signal);
    }
    if (signal.aborted) return;
    this.unloading.later();
    // What follows waits for indexing, and keeps no model from being unloaded.
    try {
      await orAborted(this.session.project.indexed(), signal);
      // Files near to more documents than these would push one another out.
      for (const { open } of this.inSight().slice(-mostInSight))
        await this.readNear(open, signal);
    } catch (error) {
      this.report(error, signal);
    }
  }

  private report(error: unknown, signal: AbortSignal): void {
    if (noSuggestionReasonOf(error, signal) === "failed")
      this.session.connection.console.error(
        `reading ahead: ${describe(error)}`,
      );
  }

  /** The visible documents. If the client does not send which these are: all that were not yet read. */
  private targets(): Target[] {
    const { documents } = this.session;
    if (this.visible === undefined)
      return documents
        .all()
        .filter((open) => !this.readThrough.has(open))
        .map((open) => ({ open, offset: open.document.getText().length }));
    return this.visible.flatMap(({ uri, position }) => {
      const open = documents.get(uri);
      return open ? { open, offset: open.document.offsetAt(position) } : [];
    });
  }

  /**
   * The visible documents and the cursors in them, the active one first; of more, what is read would push
   * one another's out. If the client does not send which these are, all.
   */
  private inSight(): Sight[] {
    return this.visible === undefined
      ? this.session.documents.all().map((open) => ({ open }))
      : this.targets().slice(0, mostInSight);
  }

  private async read(
    { open, offset }: Target,
    signal: AbortSignal,
  ): Promise<void> {
    const reader = await this.modelFor(open, signal);
    if (reader === undefined) return;
    const { runner, notebooks, settings } = this.session;
    const { model, path } = reader;
    const lead = notebooks.textBefore(open, settings.revision);
    const window = open.windowFor(model, path, lead);
    const reading = { model, window, lead };
    // The work that keeps the engine busy starts reading ahead again when it ends.
    if (!runner.isIdle) return;
    const isNew = !this.readThrough.has(open);
    await runner.run("reading", signal, async (runSignal) => {
      await this.readToCursor(open, reading, offset, runSignal);
      // After an edit the rest of the document is not read again.
      if (!isNew) return;
      await this.readToEnd(open, reading, runSignal);
      this.readThrough.add(open);
    });
    // Later states are saved when the document is closed, not at every pause in typing.
    if (isNew) await saveStates(this.session, open, signal);
  }

  /** Reads and indexes a document up to the cursor, a UTF-16 offset, and indexes what is after it. */
  private async readToCursor(
    open: OpenDocument,
    { model, window, lead }: Reading,
    offset: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { document } = open;
    signal.throwIfAborted();
    const end = lead.length + offset;
    const text = lead + document.getText();
    const tokens = await tokensBefore(text, window, end, signal);
    const suffix = suffixAfterLine(text, end);
    open.readNames();
    const key = this.session.notebooks.keyOf(document.uri);
    // What is read of a cell is indexed as its notebook's, from which no other document copies; and a
    // long document is indexed as a whole once it is no longer visible.
    const isWhole = key === document.uri && suffix.length <= maxSuffixChars;
    if (isWhole) this.indexedVersions.set(open, document.version);
    else this.indexedVersions.delete(open);
    await model.runtime.readAhead(key, tokens, signal, suffix);
  }

  /** Reads the rest of a document, or of what is read of a long one. */
  private async readToEnd(
    { document }: OpenDocument,
    { model, window, lead }: Reading,
    signal: AbortSignal,
  ): Promise<void> {
    const text = lead + document.getText();
    const end = Math.min(text.length, window.end);
    const tokens = await tokensBefore(text, window, end, signal);
    const key = this.session.notebooks.keyOf(document.uri);
    await model.runtime.readAhead(key, tokens, signal);
  }

  /** Reads the text behind the cursor's line of a document, which its position is compared with. */
  private async readSuffix(
    { open, offset }: Sight,
    signal: AbortSignal,
  ): Promise<void> {
    const { runner, notebooks, models } = this.session;
    const info = await this.infoFor(open, signal);
    if (info === undefined) return;
    // For the visible documents it has been loaded by now.
    const model = models.ifLoaded(info.settings.model);
    if (model === undefined || !runner.isIdle) return;
    const { document } = open;
    const header = headerPath(info.path, document.languageId);
    const start = model.documentStart(header);
    const suffix =
      offset === undefined
        ? undefined
        : suffixAfterLine(document.getText(), offset);
    await runner.run("reading", signal, (runSignal) =>
      model.runtime.readSuffix(
        notebooks.keyOf(document.uri),
        start,
        runSignal,
        suffix,
      ),
    );
  }

  /** Indexes the documents that the first target may copy from, besides those indexed when they were read. */
  private async indexOthers(
    targets: readonly Target[],
    signal: AbortSignal,
  ): Promise<void> {
    const [first] = targets;
    if (first === undefined) return;
    const { documents, notebooks, settings } = this.session;
    const isRead = (other: OpenDocument, uri: string) =>
      notebooks.keyOf(uri) === uri &&
      targets.some(({ open }) => open === other);
    for (const uri of documents.others(
      first.open.document.uri,
      settings.revision,
    )) {
      const open = documents.get(uri);
      if (open !== undefined && !isRead(open, uri))
        await this.indexDocument(open, signal);
    }
  }

  /** Indexes a document that is not visible, so that others can copy from it. */
  private async indexDocument(
    open: OpenDocument,
    signal: AbortSignal,
  ): Promise<void> {
    const { document } = open;
    if (this.indexedVersions.get(open) === document.version) return;
    const reader = await this.modelFor(open, signal);
    if (reader === undefined) return;
    const text = document.getText();
    const window = open.windowFor(reader.model, reader.path);
    const tokens = await tokensBefore(text, window, text.length, signal);
    signal.throwIfAborted();
    open.readNames();
    reader.model.runtime.indexDocument(document.uri, tokens, "");
    this.indexedVersions.set(open, document.version);
  }

  /** Reads the closed files that are nearest to a document, which is compared with them. */
  private async readNear(
    open: OpenDocument,
    signal: AbortSignal,
  ): Promise<void> {
    const { project, runner, folders, models } = this.session;
    const info = await this.infoFor(open, signal);
    const model = info && models.ifLoaded(info.settings.model);
    if (model?.network.vectorWidth === undefined) return;
    const near = project.sourcesFor(open.document.uri, model);
    for (const index of near.slice(0, neighbourFiles)) {
      const file = project.fileOf(index);
      if (file === undefined || !runner.isIdle) return;
      const path = asRelativePath(URI.file(file).toString(), folders);
      const start = model.documentStart(path);
      await runner.run("reading", signal, (runSignal) =>
        model.runtime.readFile(index, start, runSignal),
      );
    }
  }

  /** The model and the relative path of a document; undefined if it must not be read now. */
  private async modelFor(
    open: OpenDocument,
    signal: AbortSignal,
  ): Promise<{ model: LoadedModel; path: string } | undefined> {
    const info = await this.infoFor(open, signal);
    if (info === undefined) return undefined;
    const model = this.session.models.get(info.settings.model);
    // Reading ahead starts again when the model is loaded.
    if (typeof model === "string") return undefined;
    return { model, path: info.path };
  }

  /** The path and settings of a document; undefined if it must not be read now. */
  private async infoFor(
    open: OpenDocument,
    signal: AbortSignal,
  ): Promise<DocumentInfo | undefined> {
    const info = await documentInfo(this.session, open, signal);
    const { readAhead } = info.settings;
    const isOff =
      readAhead === "never" ||
      refuseDocument(info) !== undefined ||
      open.isOutOfStep ||
      isBinary(open.document.getText(), 0) ||
      (readAhead === "onMains" && (await this.power.onBattery()));
    signal.throwIfAborted();
    const isOpen = this.session.documents.get(info.uri) === open;
    return isOff || !isOpen ? undefined : info;
  }
}

/** The model, the tokens and the leading text with which a document is read. */
interface Reading {
  readonly model: LoadedModel;
  readonly window: PromptWindow;
  /** Text that is read before the document's own. */
  readonly lead: string;
}

/** The tokens before a UTF-16 offset. Between pieces of work the event loop handles messages. */
async function tokensBefore(
  text: string,
  window: PromptWindow,
  offset: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  for (const _ of window.approach(text, offset)) {
    await yieldToEventLoop();
    // An edit aborts the signal, so from here on the text is unchanged.
    signal.throwIfAborted();
  }
  return window.tokensBefore(text, offset);
}
