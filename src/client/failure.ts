import { isMessage, worded, type Message } from "../messages";
import { reasonText } from "../reasonText";
import { l10n, window, type LogOutputChannel } from "vscode";

/**
 * Logs that a command has failed, and shows it to the user with a button that opens the log.
 *
 * @param command its name in the log
 * @param sentence makes the user's sentence of the reason
 */
export function showFailure(
  log: LogOutputChannel,
  command: string,
  error: unknown,
  sentence: (reason: string) => string,
): void {
  const showLog = l10n.t("Show Log");
  const message = error instanceof Error ? error.message : String(error);
  log.error(`${command}: ${message}`);
  const data = (error as { data?: unknown } | undefined)?.data;
  const told = (data as { told?: unknown } | undefined)?.told ?? data;
  const reason = isMessage(told) ? inWords(told) : message;
  void window.showErrorMessage(sentence(reason), showLog).then((choice) => {
    if (choice === showLog) log.show();
  });
}

/** A message in the user's language; codes of reasons among its arguments are worded, too. */
function inWords({ code, args }: Message): string {
  const values =
    code === "generate refused"
      ? args.map((reason) =>
          typeof reason === "string" ? reasonText(reason, l10n.t) : reason,
        )
      : args;
  return worded({ code, args: values }, l10n.t);
}
