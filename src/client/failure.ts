import { l10n, window, type LogOutputChannel } from "vscode";

/**
 * Tells that a command failed, with the log at hand.
 *
 * @param command its name in the log
 * @param sentence what the user reads, given the reason
 */
export function showFailure(
  log: LogOutputChannel,
  command: string,
  error: unknown,
  sentence: (reason: string) => string,
): void {
  const showLog = l10n.t("Show Log");
  const reason = error instanceof Error ? error.message : String(error);
  log.error(`${command}: ${reason}`);
  void window.showErrorMessage(sentence(reason), showLog).then((choice) => {
    if (choice === showLog) log.show();
  });
}
