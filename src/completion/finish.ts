import type { MinConfidence } from "./confidence";
import type { CompletionContext } from "./context";
import type { Generated } from "./generation";
import { keepSure } from "./keepSure";
import { postprocess } from "./postprocess";
import { reasonAfter } from "./reasons";
import { silent, type Suggestion } from "./suggestion";

/** What of a generated text is suggested: as far as it fits its place and is likely enough. */
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
