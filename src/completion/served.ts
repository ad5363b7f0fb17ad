import { minConfidence } from "./confidence";
import type { CompletionContext } from "./context";
import { postprocess } from "./postprocess";
import { reasonAfter } from "./reasons";
import { suggestionCriteria } from "./stopping";
import { silent, type Suggestion } from "./suggestion";
import type { TextSource } from "./textSource";

/**
 * Has a completion server generate, and post-processes.
 *
 * @returns undefined where the local model is to do it
 * @throws the signal's reason when it is aborted
 */
export async function served(
  server: TextSource | undefined,
  context: CompletionContext,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Suggestion | undefined> {
  const { settings, trigger, mayLeave } = context;
  if (server === undefined || mayLeave === undefined) return undefined;
  const written = await server.generate(
    { ...context, mayLeave },
    {
      ...settings,
      trigger,
      stoppingCriteria: suggestionCriteria(context, settings.maxLines),
      minConfidence: minConfidence(settings.suggestions, trigger),
      whole: "lines",
      signal,
      onText,
    },
  );
  if (written === undefined) return undefined;
  const { text, stop, tokens, timings, model } = written;
  if (text === "") return silent(reasonAfter(stop), { stop, timings, model });
  const reason = "generated";
  return postprocess({ text, reason, stop, tokens, timings, model }, context);
}
