import { TextDocument } from "vscode-languageserver-textdocument";
import { suffixAfterLine } from "../../src/completion/context";
import { heal } from "../../src/completion/healing";
import { RequiredPrefix } from "../../src/completion/processors/requiredPrefix";
import { greedy } from "../../src/engine/sampling";
import type { LoadedModel } from "../../src/runtime/loadedModel";
import { OpenDocument } from "../../src/server/documents";

/** What one request took until its first token was known. */
export interface Sample {
  readonly ms: number;
  /** Tokens that were run. */
  readonly run: number;
  readonly exact: boolean;
}

/** What a request needs to be made again with another engine. */
export type OnPrompt = (tokens: readonly number[]) => void;

const never = new AbortController().signal;
/** Tokens generated after the first, which leave their traces in the index. */
const generated = 3;

/** A file that is open in the server, worked on as the server does it. */
export class EditedFile {
  cursor: number;
  private readonly open: OpenDocument;

  constructor(
    private readonly loaded: LoadedModel,
    readonly uri: string,
    text: string,
  ) {
    this.open = new OpenDocument(
      TextDocument.create(uri, "typescript", 1, text),
    );
    this.cursor = text.length;
  }

  get text(): string {
    return this.open.document.getText();
  }

  /** Puts the cursor to the end of the line of an offset. */
  moveTo(offset: number): void {
    const end = this.text.indexOf("\n", offset);
    this.cursor = end < 0 ? this.text.length : end;
  }

  /**
   * Types some text at the cursor and asks for a suggestion.
   *
   * The time is that of the request: tokens, indexes, states and the first token. The editor tells
   * of the edit 50 ms before it asks.
   */
  async type(text: string, onPrompt?: OnPrompt): Promise<Sample> {
    const { document } = this.open;
    const position = document.positionAt(this.cursor);
    this.open.change({
      textDocument: { uri: this.uri, version: document.version + 1 },
      contentChanges: [{ range: { start: position, end: position }, text }],
    });
    this.cursor += text.length;
    const began = performance.now();
    const { window, tokens } = this.tokens();
    const { tokenizer, runtime } = this.loaded;
    const healed = heal(tokenizer, tokens, window.startLength);
    const continuation = await runtime.prefill(this.uri, healed.tokens, never, {
      suffix: suffixAfterLine(this.text, this.cursor),
    });
    const start = new RequiredPrefix(tokenizer, healed.healedPrefix);
    let token = greedy(start.process(continuation.next()));
    const ms = performance.now() - began;
    for (let n = 0; n < generated; n++) {
      await continuation.push(token);
      token = greedy(continuation.next());
    }
    onPrompt?.(tokens);
    const { run, exact } = continuation.prefilled;
    return { ms, run, exact };
  }

  /** Reads ahead at the cursor, as the engine does when nothing is asked, for so long at most. */
  async rest(ms = Infinity): Promise<void> {
    const signal = ms === Infinity ? never : AbortSignal.timeout(ms);
    const { tokens } = this.tokens();
    const suffix = suffixAfterLine(this.text, this.cursor);
    try {
      await this.loaded.runtime.readAhead(this.uri, tokens, signal, suffix);
    } catch (error) {
      if (error !== signal.reason) throw error;
    }
  }

  private tokens() {
    const window = this.open.windowFor(this.loaded, this.uri);
    return { window, tokens: window.tokensBefore(this.text, this.cursor) };
  }
}
