import { worded, type Translate } from "../messages";
import {
  notIndexing,
  type Availability,
  type CompletionServerState,
  type IndexingParams,
} from "../protocol";
import { reasonText } from "../reasonText";
import type { EngineStatus } from "./status";

/** How the status bar item looks; every state differs in its icon and in its words. */
export interface StatusView {
  text: string;
  /** One or two sentences; also read out by screen readers. */
  tooltip: string;
  failed: boolean;
}

/**
 * A sentence that names the machine on which the engine runs, if it is a remote one: the engine runs
 * where the workspace is. Empty for a workspace on the user's own machine.
 *
 * @param remote the editor's name for the connection, such as `ssh-remote`
 */
export function whereItRuns(
  remote: string | undefined,
  host: string,
  t: Translate,
): string {
  return remote === undefined ? "" : t("It runs on {0} ({1}).", host, remote);
}

/** @param here whether suggestions are on in the active editor; undefined if no editor is active */
export function statusView(
  status: EngineStatus,
  here: Availability | undefined,
  t: Translate,
  indexing: IndexingParams = notIndexing,
): StatusView {
  const view = (icon: string, words: string, more = ""): StatusView => ({
    text: `$(${icon}) RWKV`,
    tooltip: more ? `${words}\n${more}` : words,
    failed: status.state === "failed",
  });
  const message = [
    status.told ? worded(status.told, t) : status.message,
    ...(status.warning ? [worded(status.warning, t)] : []),
  ].join("\n");
  if (status.state === "failed")
    return view("error", t("RWKV has failed."), message);
  if (here && !here.on)
    return view(
      "circle-slash",
      t("RWKV is off here: {0}.", reasonText(here.reason, t)),
    );
  switch (status.state) {
    case "waiting":
      return view("clock", t("RWKV starts with the first file you open."));
    case "loading": {
      const share =
        status.progress === undefined
          ? ""
          : ` ${Math.round(status.progress * 100)} %`;
      const loading = view("loading~spin", t("RWKV is loading."), message);
      return { ...loading, text: loading.text + share };
    }
    case "thinking":
      if (status.server !== undefined)
        return withServer(view, status.server, t);
      return view("pulse", t("RWKV is thinking."), message);
    case "ready": {
      if (status.server !== undefined)
        return withServer(view, status.server, t);
      if (indexing.phase === "idle")
        return view("sparkle", t("RWKV is ready."), message);
      if (indexing.phase === "paused")
        return view(
          "debug-pause",
          t("RWKV is ready. Indexing of the project is paused."),
          message,
        );
      const { done, total } = indexing;
      const ready = view(
        "library",
        t(
          "RWKV is ready and indexes the project: {0} of {1} files.",
          done,
          total,
        ),
        message,
      );
      const share = total > 0 ? ` ${Math.floor((100 * done) / total)} %` : "";
      return { ...ready, text: ready.text + share };
    }
  }
}

/** The view while a completion server is named. The item itself shows the host that text is sent to. */
function withServer(
  view: (icon: string, words: string, more?: string) => StatusView,
  { host, isPrivate, model, state, told }: CompletionServerState,
  t: Translate,
): StatusView {
  if (state === "failing") {
    const why = told ? worded(told, t) : host;
    const failing = view(
      "debug-disconnect",
      t("The completion server fails: {0}.", why),
      t("The local model suggests, and the server is tried again."),
    );
    return { ...failing, text: `${failing.text} ${t("(local)")}` };
  }
  const words =
    state === "asking"
      ? t("RWKV asks {0} what it is; the local model suggests.", host)
      : t("Text around the cursor leaves the editor, to {0}.", host);
  const more = isPrivate
    ? model
    : `${model}\n${t("The connection is not encrypted.")}`.trim();
  const shown = view("cloud-upload", words, more);
  return { ...shown, text: `${shown.text} → ${host}` };
}
