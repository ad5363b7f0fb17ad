import { commands, window, type Disposable } from "vscode";
import type { OfferedSuggestion, Suggestions } from "./suggestions";
import type { Supervisor } from "./supervisor";

/**
 * The command behind Esc while ghost text is on screen: hides it and tells the engine, so that the
 * same text does not come back at its place. The editor tells nobody when it hides one by itself.
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
    // A rejection means that the engine ended meanwhile, and with it what it remembers.
    if (offer)
      await this.engine.client?.dismiss(offer.event.id).catch(() => undefined);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}
