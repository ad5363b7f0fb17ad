import {
  l10n,
  languages,
  LanguageStatusSeverity,
  window,
  type Disposable,
} from "vscode";
import type { Availability } from "./availability";
import type { LastAnswer } from "./lastAnswer";
import { lastAnswerText } from "./lastAnswerText";
import { documentSelector } from "./selector";
import { statusView } from "./statusView";
import type { Supervisor } from "./supervisor";

/** Milliseconds without a change before the item is updated. */
const pauseMs = 200;

/** The item in the editor's list of language statuses: the engine's state, and how it last answered. */
export class LanguageStatus implements Disposable {
  private readonly item = languages.createLanguageStatusItem(
    "rwkv.status",
    documentSelector.flatMap((filter) =>
      typeof filter === "string" || "notebook" in filter ? [] : [{ ...filter }],
    ) as { scheme: string }[],
  );
  private readonly subscriptions: Disposable[];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly engine: Pick<Supervisor, "status" | "onDidChangeStatus">,
    private readonly availability: Pick<Availability, "of" | "onDidChange">,
    private readonly lastAnswer: Pick<LastAnswer, "of" | "onDidChange">,
  ) {
    const later = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.render(), pauseMs);
    };
    this.item.name = "RWKV";
    this.item.command = {
      command: "rwkv.status",
      title: l10n.t("Next steps…"),
    };
    this.subscriptions = [
      this.item,
      engine.onDidChangeStatus(later),
      availability.onDidChange(later),
      lastAnswer.onDidChange(later),
      window.onDidChangeActiveTextEditor(later),
    ];
    this.render();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private render(): void {
    const document = window.activeTextEditor?.document;
    const here = document && this.availability.of(document);
    const { status } = this.engine;
    const view = statusView(status, here, l10n.t);
    this.item.text = view.text;
    this.item.busy = status.state === "loading";
    this.item.severity = view.failed
      ? LanguageStatusSeverity.Error
      : LanguageStatusSeverity.Information;
    const isOn = !view.failed && here?.on === true;
    this.item.detail = isOn
      ? lastAnswerText(this.lastAnswer.of(document!.uri.toString()), l10n.t)
      : view.tooltip.replaceAll("\n", " ");
    this.item.accessibilityInformation = {
      label: `${view.tooltip} ${this.item.detail}`,
    };
  }
}
