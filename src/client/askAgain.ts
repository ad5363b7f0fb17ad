import {
  commands,
  window,
  type Disposable,
  type Position,
  type TextDocument,
} from "vscode";
import type { RequestEvent } from "../protocol";
import type { OfferedSuggestion, Suggestions } from "./suggestions";

/** A suggestion on screen, and the version of its document. */
interface Shown {
  readonly offer: OfferedSuggestion;
  readonly version: number;
}

/**
 * Asks again where the suggestion on screen has become longer. The editor does so by a command that
 * counts as the user's; nobody has pressed a key, so the request has to count as automatic.
 *
 * Whether a suggestion is on screen the editor tells nobody: it is taken to be while the cursor and
 * the text stay where they were, until the user hides or accepts it.
 */
export class AskAgain implements Disposable {
  private shown: Shown | undefined;
  private asking: Shown | undefined;
  private readonly subscriptions: Disposable[];

  constructor(suggestions: Pick<Suggestions, "onDidOffer" | "onDidRequest">) {
    this.subscriptions = [
      suggestions.onDidOffer((offer) => {
        this.shown = { offer, version: offer.document.version };
      }),
      suggestions.onDidRequest((event) => void this.onRequest(event)),
    ];
  }

  /** Whether a request for a place is one of these, and not the user's. */
  isAsking(document: TextDocument, position: Position): boolean {
    if (this.asking === undefined) return false;
    const { offer, version } = this.asking;
    return (
      offer.document === document &&
      document.version === version &&
      offer.cursor.isEqual(position)
    );
  }

  /** The user has hidden what is on screen. */
  forget(): void {
    this.shown = undefined;
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
  }

  private async onRequest(event: RequestEvent): Promise<void> {
    const { shown } = this;
    if (shown?.offer.event.id !== event.id) return;
    if (event.kind === "accepted" || event.kind === "dismissed") this.forget();
    if (event.kind !== "lengthened" || !isInPlace(shown)) return;
    // Several may be under way.
    const asking = { ...shown };
    this.asking = asking;
    try {
      await commands.executeCommand("editor.action.inlineSuggest.trigger");
    } catch {
      // The shorter text stays.
    } finally {
      if (this.asking === asking) this.asking = undefined;
    }
  }
}

/** Whether the cursor and the text are as they were when a suggestion was shown. */
function isInPlace({ offer, version }: Shown): boolean {
  const editor = window.activeTextEditor;
  const { document, cursor } = offer;
  return (
    editor?.document === document &&
    document.version === version &&
    editor.selection.isEmpty &&
    cursor.isEqual(editor.selection.active)
  );
}
