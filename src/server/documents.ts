import { TextDocument } from "vscode-languageserver-textdocument";
import {
  Range,
  type DidChangeTextDocumentParams,
  type DidOpenTextDocumentParams,
} from "vscode-languageserver/node";
import { namesIn } from "../completion/names/names";
import { NoSuggestion } from "../completion/reasons";
import { headerPath } from "../completion/headerPath";
import { PromptWindow } from "../runtime/promptWindow";
import type { LoadedModel } from "../runtime/loadedModel";
import { commonStart } from "../text/inCommon";
import type { DocumentSyntax, Parsing } from "./parsing";

/** UTF-16 units of a document that are scanned for names, which takes some ten milliseconds. */
const maxTextLength = 256 * 1024;
/** Most other documents that a suggestion may copy from. */
const maxOthers = 8;

/** A document that the client has open. */
export class OpenDocument {
  private readonly windows = new Map<LoadedModel, LedWindow>();
  private deleted = false;
  private outOfStep = false;
  private decision: { revision: number; isReadable: boolean } | undefined;
  private readonly closing = new AbortController();
  private known: { version: number; names: ReadonlySet<string> } | undefined;

  constructor(
    readonly document: TextDocument,
    /** The syntax of the text, updated with each edit. */
    readonly syntax: DocumentSyntax,
  ) {}

  /** Whether the last edit only took text away. */
  get afterDeletion(): boolean {
    return this.deleted;
  }

  /** Whether the text differs from the client's, since a change could not be applied. */
  get isOutOfStep(): boolean {
    return this.outOfStep;
  }

  /** The names in the document when `readNames` was last called. */
  get names(): ReadonlySet<string> {
    return this.known?.names ?? new Set();
  }

  /** Scans for names again if the document has changed; called while nothing is requested. */
  readNames(): void {
    const { version } = this.document;
    if (this.known?.version === version) return;
    const text = this.document.getText();
    this.known = { version, names: namesIn(text.slice(0, maxTextLength)) };
  }

  /**
   * The document's tokens for a model; computed at the first call, updated with each edit.
   *
   * @param path relative to the workspace folder; part of what the model reads
   * @param lead text that is read before the document's: the earlier cells of a notebook
   */
  windowFor(model: LoadedModel, path: string, lead = ""): PromptWindow {
    let led = this.windows.get(model);
    if (led === undefined) {
      const header = headerPath(path, this.document.languageId);
      const start = model.documentStart(header);
      led = { window: new PromptWindow(model.tokenizer, start), lead };
      this.windows.set(model, led);
    }
    const { window } = led;
    if (led.lead !== lead) {
      const same = commonStart(lead, led.lead);
      window.edit(same, led.lead.length, lead.slice(same));
      led.lead = lead;
    }
    return window;
  }

  /** Forgets the tokens of one model; without a model, those of all, and the names. */
  dropWindows(model?: LoadedModel): void {
    if (model !== undefined) {
      this.windows.delete(model);
      return;
    }
    this.windows.clear();
    this.known = undefined;
  }

  /** Whether the text may be read under the settings of a revision; false while that is unknown. */
  isReadable(revision: number): boolean {
    return this.decision?.revision === revision && this.decision.isReadable;
  }

  /** Records whether the text may be read under the settings of a revision. */
  decide(revision: number, isReadable: boolean): void {
    this.decision = { revision, isReadable };
  }

  /** Aborted, with the reason, when the document is closed. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  close(): void {
    this.closing.abort(new NoSuggestion("document closed"));
  }

  /**
   * Applies the client's changes. If one cannot be applied, the document is out of step with the client's
   * until a change of the whole text arrives.
   *
   * @throws Error if a change cannot be applied; its message quotes no text
   */
  change(params: DidChangeTextDocumentParams): void {
    const { contentChanges, textDocument } = params;
    const version: unknown = textDocument.version;
    let removed = 0;
    let inserted = 0;
    let fault: string | undefined;
    if (!Array.isArray(contentChanges)) fault = "a change without changes";
    else
      for (const change of contentChanges as unknown[]) {
        const edit = this.editOf(change);
        if (typeof edit === "string") fault = edit;
        if (typeof edit === "string" || (fault !== undefined && !edit.isWhole))
          continue;
        fault = undefined;
        removed += edit.end - edit.start;
        inserted += edit.text.length;
        this.apply(edit);
      }
    // A change that cannot be applied still makes a newer version of the client's text.
    TextDocument.update(
      this.document,
      [],
      typeof version === "number" ? version : this.document.version + 1,
    );
    if (removed + inserted > 0) this.deleted = inserted === 0;
    // V8 keeps an edited string in pieces and joins them at the first access, which takes a millisecond
    // for megabytes. This access comes before a suggestion is requested.
    this.document.getText().charCodeAt(0);
    if (fault === undefined) return;
    this.outOfStep = true;
    this.dropWindows();
    throw new Error(fault);
  }

  private apply({ start, end, text, isWhole }: Edit): void {
    if (isWhole) this.outOfStep = false;
    if (this.outOfStep) return;
    for (const { window, lead } of this.windows.values())
      window.edit(lead.length + start, lead.length + end, text);
    const { document } = this;
    // The library misreads positions beyond the end of the text. These come from offsets within it.
    const range = {
      start: document.positionAt(start),
      end: document.positionAt(end),
    };
    const change = isWhole ? { text } : { range, text };
    TextDocument.update(document, [change], document.version);
    this.syntax.edit({ start, end, text }, document.getText());
  }

  /** The edit of a change, or why it cannot be applied. Some clients send null for absent fields. */
  private editOf(change: unknown): Edit | string {
    if (typeof change !== "object" || change === null)
      return "a change that is no object";
    const { text, range } = change as { text?: unknown; range?: unknown };
    if (typeof text !== "string") return "a change without text";
    const { document } = this;
    if (range === undefined || range === null)
      return { start: 0, end: document.getText().length, text, isWhole: true };
    if (!Range.is(range)) return "a change with a malformed range";
    // A change that begins after the last line was made in another text than this. One that only ends
    // there ends at the end of the text.
    const firstLine = Math.min(range.start.line, range.end.line);
    if (firstLine >= document.lineCount)
      return "a change that begins beyond the last line";
    const from = document.offsetAt(range.start);
    const to = document.offsetAt(range.end);
    const [start, end] = from < to ? [from, to] : [to, from];
    return { start, end, text, isWhole: false };
  }
}

/** The tokens of a document and of the text that is read before it. */
interface LedWindow {
  readonly window: PromptWindow;
  /** The text before the document's; empty if there is none. */
  lead: string;
}

/** The replacement of the text between two offsets, or of all text. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly isWhole: boolean;
}

/**
 * The open documents, updated by the client's changes. The library's own `TextDocuments` does not pass on
 * single edits, which are needed to update a document's tokens.
 */
export class Documents {
  private readonly open = new Map<string, OpenDocument>();

  constructor(private readonly parsing: Parsing) {}

  get(uri: string): OpenDocument | undefined {
    return this.open.get(uri);
  }

  all(): OpenDocument[] {
    return [...this.open.values()];
  }

  /**
   * URIs of the other documents to copy from, the latest opened first.
   *
   * @param revision of the settings; only documents that may be read under them count
   */
  others(uri: string, revision: number): string[] {
    const others = [...this.open.values()].filter(
      (open) =>
        open.document.uri !== uri &&
        open.isReadable(revision) &&
        !open.isOutOfStep,
    );
    return others
      .slice(-maxOthers)
      .reverse()
      .map(({ document }) => document.uri);
  }

  /** @throws Error if the parameters are malformed */
  didOpen({ textDocument }: DidOpenTextDocumentParams): OpenDocument {
    const { uri, languageId, version, text } = textDocument;
    if (typeof uri !== "string" || typeof text !== "string") {
      throw new Error("a document without URI or text was opened");
    }
    const document = new OpenDocument(
      TextDocument.create(
        uri,
        typeof languageId === "string" ? languageId : "",
        typeof version === "number" ? version : 0,
        text,
      ),
      this.parsing.open(typeof languageId === "string" ? languageId : "", text),
    );
    this.open.set(uri, document);
    return document;
  }

  /** @throws Error if the document is unknown or the parameters are malformed */
  didChange(params: DidChangeTextDocumentParams): void {
    const document = this.open.get(params.textDocument.uri);
    if (document === undefined)
      throw new Error("a document that is not open was changed");
    document.change(params);
  }

  /** Removes a document and aborts the work on it; undefined if it was not open. */
  didClose(uri: string): OpenDocument | undefined {
    const document = this.open.get(uri);
    this.open.delete(uri);
    document?.close();
    document?.syntax.close();
    return document;
  }
}
