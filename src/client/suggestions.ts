import {
  EventEmitter,
  type Disposable,
  type InlineCompletionItem,
  type Position,
  type TextDocument,
} from "vscode";
import type { RequestEvent } from "../protocol";

/** An inline completion request that was answered. */
export type CompletionEvent = Extract<
  RequestEvent,
  { kind: "inline completion" | "generate" }
>;

/** A suggestion that the editor was given. */
export interface OfferedSuggestion {
  readonly document: TextDocument;
  /** Where its text begins. */
  readonly position: Position;
  /** Where the cursor was. */
  readonly cursor: Position;
  readonly text: string;
  readonly event: CompletionEvent;
}

/** Events that wait for their answers. */
const mostWaiting = 20;

/**
 * Joins the engine's events, which have the reason, with the answers, which have the text, by their
 * ids; statistics, status and Esc subscribe to it.
 */
export class Suggestions implements Disposable {
  private readonly requested = new EventEmitter<RequestEvent>();
  private readonly offered = new EventEmitter<OfferedSuggestion>();
  private readonly waiting = new Map<number, CompletionEvent>();

  readonly onDidRequest = this.requested.event;
  readonly onDidOffer = this.offered.event;

  /** The engine has told of a request; its answer comes afterwards. */
  onRequest(event: RequestEvent): void {
    if (event.kind === "inline completion") {
      this.waiting.set(event.id, event);
      const [oldest] = this.waiting.keys();
      if (this.waiting.size > mostWaiting && oldest !== undefined)
        this.waiting.delete(oldest);
    }
    this.requested.fire(event);
  }

  /** The editor is given these items for a place in a document. */
  onItems(
    document: TextDocument,
    position: Position,
    items: readonly InlineCompletionItem[],
  ): void {
    for (const { command, insertText, range } of items) {
      const id: unknown = command?.arguments?.[0];
      const event = typeof id === "number" ? this.waiting.get(id) : undefined;
      if (event === undefined || typeof insertText !== "string") continue;
      this.waiting.delete(event.id);
      const start = range?.start ?? position;
      const text = insertText;
      this.offered.fire({
        document,
        position: start,
        cursor: position,
        text,
        event,
      });
    }
  }

  dispose(): void {
    this.requested.dispose();
    this.offered.dispose();
  }
}
