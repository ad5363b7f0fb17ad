import {
  commands,
  InlineCompletionTriggerKind,
  languages,
  window,
  type Disposable,
  type Position,
  type TextDocument,
} from "vscode";
import type { RequestEvent } from "../protocol";
import type { OfferedSuggestion, Suggestions } from "./suggestions";
import type { Supervisor } from "./supervisor";

/** A suggestion on screen, and the version of its document. */
interface Shown {
  readonly offer: OfferedSuggestion;
  readonly version: number;
}

/**
 * Makes the editor request suggestions again after the one on screen has become longer, and show the
 * answer in its place.
 *
 * The event by which a provider announces new suggestions is a proposed API. The command that triggers
 * a request does not suffice by itself: after a request by hand, the editor keeps the shown suggestion as
 * the first one and adds the longer one as the second; and it sends no second automatic request for the
 * same position and text to the same provider. So this class registers a new provider, which passes the
 * request on to the engine, and names that provider in the command. The provider stays registered until
 * the next one replaces it, since the editor reports to it which suggestion was shown.
 *
 * The editor does not say whether a suggestion is on screen: it counts as shown while cursor and text
 * are unchanged and the user has neither hidden nor accepted it.
 */
export class AskAgain implements Disposable {
  private shown: Shown | undefined;
  /** The suggestion for which the command is running. */
  private asking: Shown | undefined;
  /** Whether the editor knows the command's arguments; undefined before the first try. */
  private isUnderstood: boolean | undefined;
  private provider: Disposable | undefined;
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly engine: Pick<Supervisor, "client">,
    suggestions: Pick<Suggestions, "onDidOffer" | "onDidRequest">,
    private readonly extensionId: string,
  ) {
    this.subscriptions = [
      suggestions.onDidOffer((offer) => {
        this.shown = { offer, version: offer.document.version };
      }),
      suggestions.onDidRequest((event) => void this.onRequest(event)),
    ];
  }

  /**
   * The kind of a request. An editor that does not know the command's arguments reports the requests that
   * this class triggers as requests by hand; they count as automatic.
   *
   * @param kind the kind that the editor reports
   */
  kindOf(
    document: TextDocument,
    position: Position,
    kind: InlineCompletionTriggerKind,
  ): InlineCompletionTriggerKind {
    const { Automatic } = InlineCompletionTriggerKind;
    if (kind === Automatic || this.isUnderstood) return kind;
    if (!this.isAsked(document, position)) return kind;
    this.isUnderstood = false;
    return Automatic;
  }

  /** Forgets the shown suggestion, since the user has hidden it. */
  forget(): void {
    this.shown = undefined;
  }

  dispose(): void {
    for (const each of this.subscriptions) each.dispose();
    this.provider?.dispose();
  }

  /** Whether the command is running for this position of a document whose text has not changed since. */
  private isAsked(document: TextDocument, position: Position): boolean {
    if (this.asking === undefined) return false;
    const { offer, version } = this.asking;
    return (
      offer.document === document &&
      document.version === version &&
      offer.cursor.isEqual(position)
    );
  }

  private async onRequest(event: RequestEvent): Promise<void> {
    const { shown } = this;
    if (shown?.offer.event.id !== event.id) return;
    if (event.kind === "accepted" || event.kind === "dismissed") this.forget();
    if (event.kind !== "lengthened" || !isInPlace(shown)) return;
    if (this.isUnderstood === false) return;
    // A copy, so that of several calls under way each clears only its own.
    const asking = { ...shown };
    this.asking = asking;
    this.register(shown.offer.document);
    try {
      await commands.executeCommand("editor.action.inlineSuggest.trigger", {
        providerId: `${this.extensionId.toLowerCase()}:*`,
        explicit: false,
      });
    } catch {
      // An editor may refuse the arguments: the shorter text stays on screen.
      this.isUnderstood ??= false;
    } finally {
      if (this.asking === asking) this.asking = undefined;
    }
  }

  /**
   * Registers a provider that the editor has not asked yet and that it asks before the engine's own.
   * While the command is running, the provider answers for any position in the document: if the user
   * types or accepts meanwhile, the command's request for the new position replaces the editor's own,
   * and no other provider is asked.
   */
  private register({ languageId, uri }: TextDocument): void {
    this.provider?.dispose();
    this.provider = languages.registerInlineCompletionItemProvider(
      { language: languageId, scheme: uri.scheme },
      {
        provideInlineCompletionItems: (document, position, context, token) => {
          const { triggerKind } = context;
          if (triggerKind !== InlineCompletionTriggerKind.Automatic) return;
          if (this.asking?.offer.document !== document) return;
          if (this.isAsked(document, position)) this.isUnderstood = true;
          return this.engine.client?.inlineCompletions(
            document,
            position,
            context,
            token,
          );
        },
      },
    );
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
