import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { suffixAfterLine } from "../../completion/context";
import type { PromptWindow } from "../../runtime/promptWindow";
import { noSuggestionReasonOf } from "../../completion/reasons";
import { isBinary, refuseDocument } from "../../completion/refuse";
import type { LoadedModel } from "../../runtime/loadedModel";
import type { VisibleDocumentsParams } from "../../protocol";
import type { OpenDocument } from "../documents";
import type { Power } from "../power";
import { describe } from "../describe";
import { documentInfo, type Session } from "../session";
import { saveStates } from "./states";

/** Milliseconds without an edit, a request or a move of the cursor before reading starts. */
const idleDelayMs = 200;

/** A document and how far it is to be read, a UTF-16 offset. */
interface Target {
  readonly open: OpenDocument;
  readonly offset: number;
}

/**
 * Reads the documents in sight while nothing is asked, so that the first request finds its state,
 * and indexes the other open ones. Whatever happens stops it within a run of the network; it goes
 * on when all has been quiet for a moment, and does nothing once all is read.
 */
export class ReadAhead {
  private visible: VisibleDocumentsParams["documents"] | undefined;
  private timer: NodeJS.Timeout | undefined;
  private abort = new AbortController();
  /** Documents that were read to their ends once. */
  private readonly readThrough = new WeakSet<OpenDocument>();
  /** The version of each document that is indexed. */
  private readonly indexedVersions = new WeakMap<OpenDocument, number>();

  constructor(
    private readonly session: Omit<Session, "readAhead">,
    private readonly power: Power,
  ) {}

  /** Takes note of what is in sight. */
  show({ documents }: VisibleDocumentsParams): void {
    this.visible = documents;
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
    clearTimeout(this.timer);
    this.abort.abort();
    this.abort = new AbortController();
  }

  private async run(signal: AbortSignal): Promise<void> {
    try {
      const targets = this.targets();
      for (const target of targets) await this.read(target, signal);
      const [first] = targets;
      if (first === undefined) return;
      const { documents } = this.session;
      for (const uri of documents.others(first.open.document.uri)) {
        const open = documents.get(uri);
        if (open !== undefined) await this.indexDocument(open, signal);
      }
    } catch (error) {
      if (noSuggestionReasonOf(error, signal) === "failed")
        this.session.connection.console.error(
          `reading ahead: ${describe(error)}`,
        );
    }
  }

  /** What is in sight; for a client that does not tell, all that is open and new. */
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

  private async read(
    { open, offset }: Target,
    signal: AbortSignal,
  ): Promise<void> {
    const model = await this.modelFor(open, signal);
    if (model === undefined) return;
    const { runner } = this.session;
    // Whoever keeps the engine busy now calls again when that is over.
    if (!runner.isIdle) return;
    const isNew = !this.readThrough.has(open);
    await runner.run("reading", signal, async (runSignal) => {
      await this.readTo(open, model, offset, runSignal);
      // An edit does not have the whole rest read again.
      if (!isNew) return;
      const { window } = model;
      const text = open.document.getText();
      await this.readTo(
        open,
        model,
        Math.min(text.length, window.end),
        runSignal,
      );
      this.readThrough.add(open);
    });
    // Later states are saved when the document is closed, not at every pause in typing.
    if (isNew) await saveStates(this.session, open);
  }

  private async readTo(
    open: OpenDocument,
    { model, window }: { model: LoadedModel; window: PromptWindow },
    offset: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { document } = open;
    const tokens = await tokensBefore(document, window, offset, signal);
    const suffix = suffixAfterLine(document.getText(), offset);
    open.readNames();
    this.indexedVersions.set(open, document.version);
    await model.runtime.readAhead(document.uri, tokens, signal, suffix);
  }

  /** Indexes a document that is not in sight, so that others can copy from it. */
  private async indexDocument(
    open: OpenDocument,
    signal: AbortSignal,
  ): Promise<void> {
    const { document } = open;
    if (this.indexedVersions.get(open) === document.version) return;
    const model = await this.modelFor(open, signal);
    if (model === undefined) return;
    const end = document.getText().length;
    const tokens = await tokensBefore(document, model.window, end, signal);
    open.readNames();
    model.model.runtime.indexDocument(document.uri, tokens, "");
    this.indexedVersions.set(open, document.version);
  }

  /** The model and the tokens of a document that may be read now. */
  private async modelFor(
    open: OpenDocument,
    signal: AbortSignal,
  ): Promise<{ model: LoadedModel; window: PromptWindow } | undefined> {
    const info = await documentInfo(this.session, open);
    const { readAhead, model: name } = info.settings;
    const isOff =
      readAhead === "never" ||
      refuseDocument(info) !== undefined ||
      isBinary(open.document.getText(), 0) ||
      (readAhead === "onMains" && (await this.power.onBattery()));
    signal.throwIfAborted();
    if (isOff || this.session.documents.get(info.uri) !== open)
      return undefined;
    const model = this.session.models.get(name);
    // When it is loaded, this is called again.
    if (typeof model === "string") return undefined;
    return { model, window: open.windowFor(model, info.path) };
  }
}

/** The tokens before an offset; messages are read while they are computed. */
async function tokensBefore(
  document: TextDocument,
  window: PromptWindow,
  offset: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const text = document.getText();
  for (const _ of window.approach(text, offset)) {
    await yieldToEventLoop();
    // An edit aborts, too: from here on the text is as it was.
    signal.throwIfAborted();
  }
  return window.tokensBefore(text, offset);
}
