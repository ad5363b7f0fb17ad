import { hostname } from "node:os";
import {
  env,
  l10n,
  StatusBarAlignment,
  ThemeColor,
  window,
  type Disposable,
} from "vscode";
import type { Availability } from "./availability";
import type { Indexing } from "./indexing";
import type { Supervisor } from "./supervisor";
import type { EngineStatus } from "./status";
import { statusView, whereItRuns } from "./statusView";

/** Milliseconds of thinking before the icon changes. Most suggestions take less: it would flicker. */
const thinkingDelayMs = 150;

/** The item in the status bar. */
export class StatusBar implements Disposable {
  private readonly item = window.createStatusBarItem(
    "rwkv.status",
    StatusBarAlignment.Right,
    100,
  );
  private readonly subscriptions: Disposable[];
  private shown: EngineStatus;
  private delayed: NodeJS.Timeout | undefined;

  constructor(
    engine: Supervisor,
    private readonly availability: Availability,
    private readonly indexing: Pick<Indexing, "progress" | "onDidChange">,
  ) {
    this.item.name = "RWKV";
    this.item.command = "rwkv.status";
    this.shown = engine.status;
    this.subscriptions = [
      this.item,
      engine.onDidChangeStatus((status) => this.update(status)),
      availability.onDidChange(() => this.render()),
      indexing.onDidChange(() => this.render()),
    ];
    this.render();
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.delayed);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private update(status: EngineStatus): void {
    clearTimeout(this.delayed);
    const show = () => {
      this.shown = status;
      this.render();
    };
    if (status.state === "thinking")
      this.delayed = setTimeout(show, thinkingDelayMs);
    else show();
  }

  private render(): void {
    const document = window.activeTextEditor?.document;
    const here = document && this.availability.of(document);
    const view = statusView(this.shown, here, l10n.t, this.indexing.progress);
    const where = whereItRuns(env.remoteName, hostname(), l10n.t);
    const tooltip = where === "" ? view.tooltip : `${view.tooltip}\n${where}`;
    this.item.text = view.text;
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: tooltip };
    this.item.backgroundColor = view.failed
      ? new ThemeColor("statusBarItem.errorBackground")
      : undefined;
  }
}
