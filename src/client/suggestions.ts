import {
  EventEmitter,
  type Disposable,
  type InlineCompletionItem,
  type Position,
  type TextDocument,
} from "vscode";
import type { RequestEvent } from "../protocol";

/** How a request of ghost text or of *Generate* was answered. */
export type CompletionEvent = Extract<
  RequestEvent,
  { kind: "inline completion" | "generate" }
>;

/** A suggestion that the editor was given. */
export interface OfferedSuggestion {
  readonly document: TextDocument;
  /** Where its text begins. */
  readonly position: Position;
  /** Where the cursor was when the editor asked. */
  readonly cursor: Position;
  readonly text: string;
  readonly event: CompletionEvent;
}

/** Most events that wait for the answers of their requests; beyond that, the oldest are dropped. */
const mostWaiting = 20;

/**
 * Joins the engine's events with the answers of the same requests, by the request's id: the event has
 * the reason, the answer has the text. Statistics, status and the command of Esc subscribe to it.
 */
export class Suggestions implements Disposable {
  private readonly requested = new EventEmitter<RequestEvent>();
  private readonly offered = new EventEmitter<OfferedSuggestion>();
  private readonly waiting = new Map<number, CompletionEvent>();

  readonly onDidRequest = this.requested.event;
  readonly onDidOffer = this.offered.event;

  /** Takes an event of the engine. That of a suggestion arrives before the answer of its request. */
  onRequest(event: RequestEvent): void {
    if (event.kind === "inline completion") {
      this.waiting.set(event.id, event);
      const [oldest] = this.waiting.keys();
      if (this.waiting.size > mostWaiting && oldest !== undefined)
        this.waiting.delete(oldest);
    }
    this.requested.fire(event);
  }

  /** Takes the items that the editor is given for the cursor's position. */
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
