import { window, type Disposable, type TextEditor } from "vscode";
import type { Availability } from "./availability";
import type { Supervisor } from "./supervisor";
import type { DocumentPlace, EngineClient } from "./engineClient";

/** Milliseconds without a change before the engine is told: nothing is sent while the cursor moves. */
const pauseMs = 100;

/**
 * Tells each engine which documents are visible and where their cursors are, so that it can read
 * ahead.
 */
export class VisibleDocuments implements Disposable {
  private readonly subscriptions: Disposable[];
  private timer: NodeJS.Timeout | undefined;
  private published: { client: EngineClient; places: string } | undefined;

  constructor(
    private readonly engine: Pick<Supervisor, "client" | "onDidChangeStatus">,
    private readonly availability: Pick<Availability, "of" | "onDidChange">,
  ) {
    const later = () => this.later();
    this.subscriptions = [
      window.onDidChangeVisibleTextEditors(later),
      window.onDidChangeActiveTextEditor(later),
      window.onDidChangeTextEditorSelection(later),
      availability.onDidChange(later),
      // Each suggestion changes the status, but only a new engine has not been told.
      engine.onDidChangeStatus(() => {
        if (engine.client !== this.published?.client) later();
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.publish(), pauseMs);
  }

  private publish(): void {
    const { client } = this.engine;
    if (!client) return;
    const documents = this.inSight();
    const places = JSON.stringify(
      documents.map(({ document, position: { line, character } }) => [
        document.uri.toString(),
        line,
        character,
      ]),
    );
    if (client === this.published?.client && places === this.published.places)
      return;
    this.published = { client, places };
    // A rejection means that the engine has ended; the next one is told.
    client.showVisible(documents).catch(() => undefined);
  }

  /** The visible documents for which suggestions are on, the active one first. */
  private inSight(): DocumentPlace[] {
    const active = window.activeTextEditor;
    const isOn = ({ document }: TextEditor) =>
      this.availability.of(document).on;
    const others = window.visibleTextEditors.filter(
      (editor) => editor !== active,
    );
    return [...(active ? [active] : []), ...others]
      .filter(isOn)
      .map(({ document, selection }) => ({
        document,
        position: selection.active,
      }));
  }
}
