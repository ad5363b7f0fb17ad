import {
  setImmediate as yieldToEventLoop,
  setTimeout as delay,
} from "node:timers/promises";
import { Grammars } from "../syntax/grammars";
import { ParsedDocument } from "../syntax/parsedDocument";
import type { Syntax, TextEdit } from "../syntax/syntax";

/** Milliseconds of parsing between two yields to the event loop. */
const sliceMs = 5;
/** Milliseconds that a request may spend on the rest of the parse after the latest edit. */
const lastSliceMs = 2;
/** Milliseconds that a request waits for a first tree, whose grammar may have to be loaded. */
const firstTreeMs = 150;
/** UTF-16 units of a document beyond which it is not parsed. */
const maxLength = 768 * 1024;
/** Most UTF-16 units of all documents that have trees: a tree takes some 30 bytes for each unit. */
const maxTotal = 2 * maxLength;

/** The syntax of all open documents. If their trees take too much memory, the least recently used are freed. */
export class Parsing {
  /** The documents with trees, in order of use, the latest last. */
  private readonly inUse = new Set<DocumentSyntax>();

  private readonly grammars: Grammars;

  /** @param onFailure called with a sentence that says what goes without a parser and why */
  constructor(private readonly onFailure: (message: string) => void) {
    this.grammars = new Grammars({ onFailure });
  }

  /** The syntax of a document; `close` frees it. */
  open(languageId: string, text: string): DocumentSyntax {
    return new DocumentSyntax(this.grammars, languageId, text, {
      used: (document) => this.use(document),
      freed: (document) => this.inUse.delete(document),
      failed: (error) =>
        this.onFailure(
          `A ${languageId} document goes on without a parser, which failed: ${String(error)}`,
        ),
    });
  }

  private use(document: DocumentSyntax): void {
    this.inUse.delete(document);
    this.inUse.add(document);
    let total = 0;
    for (const other of [...this.inUse].reverse()) {
      total += other.length;
      if (total > maxTotal && other !== document) other.drop();
    }
  }
}

/** Called when a document's tree is used or freed, or its parser has failed. */
interface Observer {
  used(document: DocumentSyntax): void;
  freed(document: DocumentSyntax): void;
  failed(error: unknown): void;
}

/** The syntax of one open document. It parses by itself after each edit, in slices. */
export class DocumentSyntax {
  private parsed: ParsedDocument | undefined;
  /** Whether the document gets no tree any more. */
  private isGivenUp = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly grammars: Grammars,
    private readonly languageId: string,
    private text: string,
    private readonly observer: Observer,
  ) {}

  /** UTF-16 units of the text. */
  get length(): number {
    return this.text.length;
  }

  /** Applies an edit of the document. @param text the whole text after it */
  edit(edit: TextEdit, text: string): void {
    this.text = text;
    if (this.parsed === undefined) return;
    if (text.length > maxLength) {
      this.drop();
      return;
    }
    const { parsed } = this;
    this.attempt(() => parsed.edit(edit, text));
    void this.parse();
  }

  /**
   * Parses the document, loading the grammar if need be, and keeps the tree up with edits from then
   * on. Resolves when the tree is that of the text, or there will be none; never rejects.
   */
  async parse(): Promise<void> {
    this.running ??= this.parseInSlices().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /**
   * Waits a short time for a document's first tree: without it, brackets in comments and strings count as
   * brackets. Never rejects.
   */
  async ready(): Promise<void> {
    if (this.parsed !== undefined || this.isGivenUp) return;
    const timer = new AbortController();
    const { signal } = timer;
    await Promise.race([
      this.parse(),
      delay(firstTreeMs, undefined, { ref: false, signal }).catch(
        () => undefined,
      ),
    ]);
    timer.abort();
  }

  /** The syntax of the present text; undefined while there is no tree. */
  current(): Syntax | undefined {
    const { parsed } = this;
    if (parsed === undefined) {
      void this.parse();
      return undefined;
    }
    this.observer.used(this);
    return this.attempt(() => parsed.parse(lastSliceMs))
      ? parsed.syntax
      : undefined;
  }

  /** Frees the tree; the next call of `current` has it made again. */
  drop(): void {
    this.parsed?.dispose();
    this.parsed = undefined;
    this.observer.freed(this);
  }

  /** Frees the tree for good. */
  close(): void {
    this.isGivenUp = true;
    this.drop();
  }

  private async parseInSlices(): Promise<void> {
    const grammar = await this.grammars.load(this.languageId);
    if (grammar === undefined || this.isGivenUp) return;
    if (this.parsed === undefined) {
      if (this.text.length > maxLength) return;
      this.parsed = new ParsedDocument(grammar, this.text);
      this.observer.used(this);
    }
    do await yieldToEventLoop();
    while (this.attempt(() => this.parsed?.parse(sliceMs)) === false);
  }

  /** Runs an action of the parser; if it throws, the document gets no tree any more. */
  private attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.isGivenUp = true;
      // The tree is not disposed of: that may throw, too.
      this.parsed = undefined;
      this.observer.freed(this);
      this.observer.failed(error);
      return undefined;
    }
  }
}
