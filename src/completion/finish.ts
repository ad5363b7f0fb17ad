import type { CompletionContext } from "./context";
import type { Generated } from "./generation";
import { keepSure } from "./keepSure";
import { postprocess } from "./postprocess";
import { reasonAfter } from "./reasons";
import { settingsShowing } from "./settingsShowing";
import { silent, type Suggestion, type Withheld } from "./suggestion";

/** The part of a generated text that fits the text around it and is likely enough to be shown. */
export function finish(
  generated: Generated & Pick<Suggestion, "model">,
  context: CompletionContext,
): Suggestion {
  const { text, stop, tokens, timings, model } = generated;
  const made = { stop, timings, model };
  const suggestion: Suggestion =
    text === ""
      ? silent(reasonAfter(stop), made)
      : postprocess({ ...made, text, tokens, reason: "generated" }, context);
  const sure = (made: Suggestion) =>
    made.text === "" ? made : keepSure(made, context.minConfidence);
  let shown = sure(suggestion);
  // The first line of several is checked as one that ends there.
  if (shown.text !== "" && shown.text.length < suggestion.text.length)
    shown = sure(postprocess(shown, context));
  if (shown.reason !== "not sure enough") return shown;
  const next = {
    ...suggestion,
    ...generated.next,
    reason: "generated",
  } as const;
  const withheld = () =>
    withheldOf(next, context) ?? withheldOf(suggestion, context);
  return { ...shown, withheld };
}

/** What another setting would have shown of a text; undefined where none would. */
function withheldOf(
  unsure: Suggestion,
  context: CompletionContext,
): Withheld | undefined {
  const { suggestions } = context.settings;
  const isShown = (suggestion: Suggestion) =>
    settingsShowing(suggestion, suggestions, false);
  // The rules are not run in vain.
  if (isShown(unsure).length === 0) return undefined;
  const suggestion = postprocess(unsure, context);
  const settings = isShown(suggestion);
  return settings.length === 0
    ? undefined
    : { text: suggestion.text, settings };
}
