import type { Translate } from "../messages";
import { reasonText } from "../reasonText";
import type { CompletionEvent } from "./suggestions";

/** Whether a request was answered with a suggestion. */
export function isSuggested({ reason }: CompletionEvent): boolean {
  return (
    reason === "generated" ||
    reason === "typed through" ||
    reason === "in flight"
  );
}

/** One sentence: how long the last suggestion took, or why there is none. */
export function lastAnswerText(
  last: CompletionEvent | undefined,
  t: Translate,
): string {
  if (last === undefined) return t("Nothing was asked for in this file yet.");
  return isSuggested(last)
    ? t("The last suggestion took {0} ms.", Math.round(last.ms))
    : t("No suggestion: {0}.", reasonText(last.reason, t));
}
