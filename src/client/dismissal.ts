import { commands, window, type Disposable } from "vscode";
import type { OfferedSuggestion, Suggestions } from "./suggestions";
import type { Supervisor } from "./supervisor";

/**
 * The command of Esc while ghost text is on screen: hides it and tells the engine, so that the same text
 * is not suggested there again. The editor does not report that ghost text was hidden, so the command
 * has to.
 */
export class Dismissal implements Disposable {
  private last: OfferedSuggestion | undefined;
  private readonly subscription: Disposable;

  constructor(
    private readonly engine: Pick<Supervisor, "client">,
    suggestions: Pick<Suggestions, "onDidOffer">,
  ) {
    this.subscription = suggestions.onDidOffer((offer) => (this.last = offer));
  }

  async run(): Promise<void> {
    const offer = this.last;
    this.last = undefined;
    await commands.executeCommand("editor.action.inlineSuggest.hide");
    if (offer?.document !== window.activeTextEditor?.document) return;
    // A rejection means that the engine has ended; a new one does not remember the suggestion.
    if (offer)
      await this.engine.client?.dismiss(offer.event.id).catch(() => undefined);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
