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
      // A request that the next key cancelled says nothing about the position.
      if (event.reason === "superseded" || event.reason === "cancelled") return;
      this.byUri.delete(event.uri);
      this.byUri.set(event.uri, event);
      const [oldest] = this.byUri.keys();
      if (this.byUri.size > 100 && oldest !== undefined)
        this.byUri.delete(oldest);
      this.changed.fire();
    });
  }

  of(uri: string): CompletionEvent | undefined {
    return this.byUri.get(uri);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
