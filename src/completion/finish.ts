import type { MinConfidence } from "./confidence";
import type { CompletionContext } from "./context";
import type { Generated } from "./generation";
import { keepSure } from "./keepSure";
import { postprocess } from "./postprocess";
import { reasonAfter } from "./reasons";
import { silent, type Suggestion } from "./suggestion";

/** The part of a generated text that fits the text around it and is likely enough to be shown. */
export function finish(
  { text, stop, tokens, timings, ...by }: Generated & Pick<Suggestion, "model">,
  context: CompletionContext,
  least: MinConfidence,
): Suggestion {
  const { model } = by;
  if (text === "") return silent(reasonAfter(stop), { stop, timings, model });
  const suggestion = postprocess(
    { text, reason: "generated", stop, tokens, timings, model },
    context,
  );
  return suggestion.text === "" ? suggestion : keepSure(suggestion, least);
}
