import type { Availability } from "../protocol";
import type { EngineStatus } from "./status";

/** How the status bar item looks; every state differs in its icon and in its words. */
export interface StatusView {
  text: string;
  /** One or two sentences; also read out by screen readers. */
  tooltip: string;
  failed: boolean;
}

/** Signature of `vscode.l10n.t`, passed in so that this file runs without an editor. */
export type Translate = (
  message: string,
  ...values: (string | number)[]
) => string;

/** `here` is what is known of the active editor; undefined when there is none. */
export function statusView(
  status: EngineStatus,
  here: Availability | undefined,
  t: Translate,
): StatusView {
  const view = (icon: string, words: string, more = ""): StatusView => ({
    text: `$(${icon}) RWKV`,
    tooltip: more ? `${words}\n${more}` : words,
    failed: status.state === "failed",
  });
  if (status.state === "failed")
    return view("error", t("RWKV has failed."), status.message);
  if (here && !here.on)
    return view(
      "circle-slash",
      t("RWKV is off here: {0}.", offReason(here.reason, t)),
    );
  switch (status.state) {
    case "waiting":
      return view("clock", t("RWKV starts with the first file you open."));
    case "loading": {
      const share =
        status.progress === undefined
          ? ""
          : ` ${Math.round(status.progress * 100)} %`;
      const loading = view(
        "loading~spin",
        t("RWKV is loading."),
        status.message,
      );
      return { ...loading, text: loading.text + share };
    }
    case "thinking":
      return view("pulse", t("RWKV is thinking."), status.message);
    case "ready":
      return view("sparkle", t("RWKV is ready."), status.message);
  }
}

/** The named reason in the user's words; reasons of the engine that have none are shown as they are. */
export function offReason(reason: string, t: Translate): string {
  switch (reason) {
    case "off":
      return t("suggestions are switched off");
    case "language off":
      return t("suggestions are switched off for this language");
    case "excluded":
      return t("the file matches rwkv.exclude");
    case "settings unknown":
      return t("the editor did not tell its settings for the file");
    case "out of step":
      return t(
        "an edit could not be followed; close the file and open it again",
      );
    case "unsupported document":
      return t("this is not a document that one writes");
    case "binary":
      return t("the file is binary");
    case "unknown document":
      return t("the engine does not know the file");
    case "model loading":
      return t("the model is loading");
    case "model failed":
      return t("the model could not be loaded");
    case "nothing read":
      return t("nothing of it was read yet");
    default:
      return reason;
  }
}
