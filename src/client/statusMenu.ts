import { commands, l10n, window, type QuickPickItem } from "vscode";
import type { Availability } from "./availability";
import type { Supervisor } from "./supervisor";
import { statusView } from "./statusView";

interface Step extends QuickPickItem {
  command: string;
  argument?: string;
}

/** Explains the present state and offers what one may want to do next. */
export async function showStatusMenu(
  engine: Supervisor,
  availability: Availability,
): Promise<void> {
  const document = window.activeTextEditor?.document;
  const here = document && availability.of(document);
  const { status } = engine;
  const { tooltip } = statusView(status, here, l10n.t);

  const toggle: Step = {
    label: l10n.t("$(settings) Turn suggestions on or off…"),
    command: "rwkv.toggle",
  };
  const restart: Step = {
    label: l10n.t("$(debug-restart) Restart the engine"),
    command: "rwkv.restart",
  };
  const state: Step = {
    label: l10n.t("$(database) Show the state of this file"),
    command: "rwkv.showState",
  };
  const log: Step = {
    label: l10n.t("$(output) Show the log"),
    command: "rwkv.showLog",
  };
  const settings: Step = {
    label: l10n.t("$(gear) Open the settings"),
    command: "workbench.action.openSettings",
    argument: "rwkv.",
  };
  const write: Step[] = [
    {
      label: l10n.t("$(lightbulb) Suggest at the cursor"),
      command: "rwkv.trigger",
    },
    {
      label: l10n.t("$(edit) Write a longer continuation"),
      command: "rwkv.generate",
    },
  ];

  const steps =
    status.state === "failed"
      ? [restart, log, settings]
      : here && !here.on
        ? [toggle, settings, log]
        : [...write, toggle, state, settings, log, restart];
  const choice = await window.showQuickPick(steps, {
    title: "RWKV",
    placeHolder: tooltip.replaceAll("\n", " "),
  });
  if (!choice) return;
  const values = choice.argument === undefined ? [] : [choice.argument];
  await commands.executeCommand(choice.command, ...values);
}
