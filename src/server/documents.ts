import { TextDocument } from "vscode-languageserver-textdocument";
import {
  Range,
  type DidChangeTextDocumentParams,
  type DidOpenTextDocumentParams,
} from "vscode-languageserver/node";
import { namesIn } from "../completion/names";
import { PromptWindow } from "../runtime/promptWindow";
import type { LoadedModel } from "../runtime/loadedModel";

/** UTF-16 units of a document in which names are looked for: some ten milliseconds. */
const maxTextLength = 256 * 1024;
/** Further documents whose text may be copied from. */
const maxOthers = 8;

/** A document that the client has open. */
export class OpenDocument {
  private readonly windows = new Map<LoadedModel, PromptWindow>();
  private deleted = false;
  private known: { version: number; names: ReadonlySet<string> } | undefined;

  constructor(readonly document: TextDocument) {}

  /** Whether the last edit only took text away. */
  get afterDeletion(): boolean {
    return this.deleted;
  }

  /** The names in the document when `readNames` was last called. */
  get names(): ReadonlySet<string> {
    return this.known?.names ?? new Set();
  }

  /** Looks for names again if the document has changed: for when there is time. */
  readNames(): void {
    const { version } = this.document;
    if (this.known?.version === version) return;
    const text = this.document.getText();
    this.known = { version, names: namesIn(text.slice(0, maxTextLength)) };
  }

  /** The document's tokens for a model; made when first asked for, kept up with edits from then on. */
  windowFor(model: LoadedModel, path: string): PromptWindow {
    let window = this.windows.get(model);
    if (window === undefined) {
      window = new PromptWindow(model.tokenizer, model.documentStart(path));
      this.windows.set(model, window);
    }
    return window;
  }

  /** Forgets the tokens of one model, or all that was made of the text. */
  dropWindows(model?: LoadedModel): void {
    if (model !== undefined) {
      this.windows.delete(model);
      return;
    }
    this.windows.clear();
    this.known = undefined;
  }

  /** @throws Error if a change is malformed; those before it are made. */
  change({ textDocument, contentChanges }: DidChangeTextDocumentParams): void {
    let removed = 0;
    let inserted = 0;
    for (const change of contentChanges) {
      if (typeof change.text !== "string")
        throw new Error("a change without text");
      let start = 0;
      let end = this.document.getText().length;
      if ("range" in change && change.range !== undefined) {
        if (!Range.is(change.range))
          throw new Error("a change with a malformed range");
        const from = this.document.offsetAt(change.range.start);
        const to = this.document.offsetAt(change.range.end);
        start = Math.min(from, to);
        end = Math.max(from, to);
      }
      removed += end - start;
      inserted += change.text.length;
      for (const window of this.windows.values())
        window.edit(start, end, change.text);
      TextDocument.update(this.document, [change], textDocument.version);
    }
    if (contentChanges.length > 0) this.deleted = inserted === 0 && removed > 0;
    // An edit leaves the text in pieces, which the first look at it joins. In megabytes that takes
    // a millisecond: there is time for it now, and less when a suggestion is asked for.
    this.document.getText().charCodeAt(0);
  }
}

/**
 * The open documents, kept in step with the client. The library's own `TextDocuments` does not tell
 * which edits made a change, and the tokens of a document live by them.
 */
export class Documents {
  private readonly open = new Map<string, OpenDocument>();

  get(uri: string): OpenDocument | undefined {
    return this.open.get(uri);
  }

  all(): OpenDocument[] {
    return [...this.open.values()];
  }

  /** URIs of the other documents that text may be copied from, the one opened last first. */
  others(uri: string): string[] {
    const others = [...this.open.keys()].filter((other) => other !== uri);
    return others.slice(-maxOthers).reverse();
  }

  /** @throws Error if the parameters are malformed */
  didOpen({ textDocument }: DidOpenTextDocumentParams): OpenDocument {
    const { uri, languageId, version, text } = textDocument;
    if (typeof uri !== "string" || typeof text !== "string") {
      throw new Error("a document without URI or text was opened");
    }
    const document = new OpenDocument(
      TextDocument.create(uri, languageId, version, text),
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

  didClose(uri: string): OpenDocument | undefined {
    const document = this.open.get(uri);
    this.open.delete(uri);
    return document;
  }
}
