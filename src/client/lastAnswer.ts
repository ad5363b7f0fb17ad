import { EventEmitter, type Disposable } from "vscode";
import type { CompletionEvent, Suggestions } from "./suggestions";

/** Knows how the last request of each document was answered. */
export class LastAnswer implements Disposable {
  private readonly changed = new EventEmitter<void>();
  private readonly byUri = new Map<string, CompletionEvent>();
  private readonly subscription: Disposable;

  readonly onDidChange = this.changed.event;

  constructor(suggestions: Pick<Suggestions, "onDidRequest">) {
    this.subscription = suggestions.onDidRequest((event) => {
      if (event.kind !== "inline completion" || event.uri === undefined) return;
      // That the next key ended a request says nothing about the position.
      if (event.reason === "superseded" || event.reason === "cancelled") return;
      this.byUri.delete(event.uri);
      this.byUri.set(event.uri, event);
      const [oldest] = this.byUri.keys();
      if (this.byUri.size > 100 && oldest !== undefined)
        this.byUri.delete(oldest);
      this.changed.fire();
    });
  }

  /** Undefined before the first request, and after requests in a hundred other documents. */
  of(uri: string): CompletionEvent | undefined {
    return this.byUri.get(uri);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
