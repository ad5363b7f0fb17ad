import { commands, l10n, window, type QuickPickItem } from "vscode";
import type { Availability } from "./availability";
import type { IndexingParams } from "../protocol";
import type { Indexing } from "./indexing";
import type { LastAnswer } from "./lastAnswer";
import { isSuggested, lastAnswerText } from "./lastAnswerText";
import { nextStep } from "../reasonText";
import type { CompletionEvent } from "./suggestions";
import type { Supervisor } from "./supervisor";
import { statusView } from "./statusView";

interface Step extends QuickPickItem {
  command: string;
  argument?: string;
}

/** Explains the present state and offers next steps. */
export async function showStatusMenu(
  engine: Pick<Supervisor, "status">,
  availability: Pick<Availability, "of">,
  lastAnswer: Pick<LastAnswer, "of">,
  indexing: Pick<Indexing, "progress">,
): Promise<void> {
  const document = window.activeTextEditor?.document;
  const here = document && availability.of(document);
  const { status } = engine;
  const { tooltip } = statusView(status, here, l10n.t, indexing.progress);

  const last = document && lastAnswer.of(document.uri.toString());
  const explain: Step = {
    label: l10n.t("$(info) Where does the last suggestion come from?"),
    command: "rwkv.explain",
  };
  const why =
    last && !isSuggested(last) ? [whyNot(last)] : last ? [explain] : [];
  const statistics: Step = {
    label: l10n.t("$(graph) Show the statistics"),
    command: "rwkv.statistics",
  };
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
  const server: Step = {
    label: l10n.t("$(cloud-upload) Completion server…"),
    command: "rwkv.server",
  };
  const models: Step = {
    label: l10n.t("$(package) Models…"),
    command: "rwkv.models",
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
        ? [...whyOff(here.reason), toggle, settings, log]
        : [
            ...why,
            ...write,
            ...indexingStep(indexing.progress),
            toggle,
            models,
            statistics,
            state,
            server,
            settings,
            log,
            restart,
          ];
  const choice = await window.showQuickPick(steps, {
    title: "RWKV",
    placeHolder: tooltip.replaceAll("\n", " "),
  });
  if (!choice) return;
  const values = choice.argument === undefined ? [] : [choice.argument];
  await commands.executeCommand(choice.command, ...values);
}

/** The step that pauses or resumes indexing; none if nothing is left to index. */
function indexingStep({ phase }: IndexingParams): Step[] {
  if (phase === "idle") return [];
  return phase === "paused"
    ? [
        {
          label: l10n.t("$(debug-continue) Go on indexing the project"),
          command: "rwkv.resumeIndexing",
        },
      ]
    : [
        {
          label: l10n.t("$(debug-pause) Pause indexing the project"),
          command: "rwkv.pauseIndexing",
        },
      ];
}

/** Says why the last request got no suggestion; choosing it does what may help. */
function whyNot(last: CompletionEvent): Step {
  return {
    label: l10n.t("$(question) Why no suggestion?"),
    detail: lastAnswerText(last, l10n.t),
    ...stepFor(last.reason),
  };
}

/** The step that opens the setting by which suggestions are off here; none where `toggle` changes it. */
function whyOff(reason: string): Step[] {
  const next = nextStep(reason);
  return typeof next === "object"
    ? [
        {
          label: l10n.t("$(gear) Open the setting {0}", next.setting),
          ...stepFor(reason),
        },
      ]
    : [];
}

/** The command that may help where a reason was given. */
function stepFor(
  reason: string,
): Pick<Step, "description" | "command" | "argument"> {
  const next = nextStep(reason);
  if (typeof next === "object")
    return {
      description: l10n.t("opens the setting {0}", next.setting),
      command: "workbench.action.openSettings",
      argument: next.setting,
    };
  switch (next) {
    case "trigger":
      return {
        description: l10n.t("asks again"),
        command: "rwkv.trigger",
      };
    case "toggle":
      return { description: l10n.t("switches"), command: "rwkv.toggle" };
    case "restart":
      return {
        description: l10n.t("restarts the engine"),
        command: "rwkv.restart",
      };
    case "wait":
    case "log":
      return { description: l10n.t("shows the log"), command: "rwkv.showLog" };
  }
}
