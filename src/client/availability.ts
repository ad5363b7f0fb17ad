import {
  EventEmitter,
  window,
  workspace,
  type Disposable,
  type TextDocument,
} from "vscode";
import type { Availability as Answer } from "../protocol";
import type { Supervisor } from "./supervisor";
import { isSelected } from "./selector";
import { switchesIn } from "./documentSettings";
import { localAnswer } from "./switches";

/**
 * Knows without waiting whether suggestions are on for a document. The switches are read here; the
 * rest (globs, size, content) is the engine's answer, asked for when a document comes to the front
 * and kept until the settings change.
 */
export class Availability implements Disposable {
  private readonly changed = new EventEmitter<void>();
  private readonly answers = new Map<string, Answer>();
  private readonly subscriptions: Disposable[];
  /** Counts changes of settings: older answers do not count. */
  private epoch = 0;
  private settled: NodeJS.Timeout | undefined;

  readonly onDidChange = this.changed.event;

  constructor(private readonly engine: Supervisor) {
    const refresh = () => void this.refresh();
    this.subscriptions = [
      this.changed,
      window.onDidChangeActiveTextEditor(refresh),
      workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration("rwkv")) return;
        this.answers.clear();
        this.epoch++;
        this.changed.fire();
        // The LSP library hears of the change after us; its message must reach the engine first.
        clearTimeout(this.settled);
        this.settled = setTimeout(refresh, 100);
      }),
      // A change of language closes the document and opens it again.
      workspace.onDidCloseTextDocument((document) =>
        this.answers.delete(document.uri.toString()),
      ),
      workspace.onDidOpenTextDocument((document) => {
        if (document === window.activeTextEditor?.document) refresh();
      }),
      engine.onDidChangeStatus(({ state }) => {
        if (state === "loading") this.answers.clear();
        if (state === "ready" && !this.known(window.activeTextEditor?.document))
          refresh();
      }),
    ];
  }

  /** The latest answer; "on" for a document without one. */
  of(document: TextDocument): Answer {
    if (!isSelected(document))
      return { on: false, reason: "unsupported document" };
    const local = localAnswer(switchesIn(document), document.languageId);
    return local.on
      ? (this.answers.get(document.uri.toString()) ?? local)
      : local;
  }

  dispose(): void {
    clearTimeout(this.settled);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private known(document: TextDocument | undefined): boolean {
    return document !== undefined && this.answers.has(document.uri.toString());
  }

  private async refresh(): Promise<void> {
    const document = window.activeTextEditor?.document;
    this.changed.fire();
    if (!document || !this.of(document).on) return;
    const { client } = this.engine;
    if (!client) return;
    const { epoch } = this;
    try {
      const answer = await client.availability(document);
      if (epoch !== this.epoch || document.isClosed) return;
      this.answers.set(document.uri.toString(), answer);
    } catch {
      // The engine ended meanwhile; the next one is asked when it is ready.
    }
    this.changed.fire();
  }
}
