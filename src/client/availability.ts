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
 * Tells without waiting whether suggestions are on for a document. The switches (`rwkv.enable`,
 * `rwkv.languages`) are read here. Whether a document is excluded or binary is the engine's answer, which
 * is requested when the document becomes active and kept until the settings change.
 */
export class Availability implements Disposable {
  private readonly changed = new EventEmitter<void>();
  private readonly answers = new Map<string, Answer>();
  private readonly subscriptions: Disposable[];
  /** Number of changes of the settings: an answer to a request before the last one is dropped. */
  private epoch = 0;
  private timer: NodeJS.Timeout | undefined;

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
        // The LSP library tells the engine of the change, but only after this handler. The request has
        // to reach the engine after that.
        clearTimeout(this.timer);
        this.timer = setTimeout(refresh, 100);
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

  /** Whether suggestions are on; before the engine has answered, by the switches alone. */
  of(document: TextDocument): Answer {
    if (!isSelected(document))
      return { on: false, reason: "unsupported document" };
    const local = localAnswer(switchesIn(document), document.languageId);
    return local.on
      ? (this.answers.get(document.uri.toString()) ?? local)
      : local;
  }

  dispose(): void {
    clearTimeout(this.timer);
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
      // The engine has ended meanwhile; the next one is asked when it is ready.
    }
    this.changed.fire();
  }
}
