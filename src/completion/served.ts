import type { CompletionContext } from "./context";
import { finish } from "./finish";
import { suggestionCriteria } from "./stopping";
import type { Suggestion } from "./suggestion";
import type { TextSource } from "./textSource";

/**
 * Generates by a completion server and post-processes the text.
 *
 * @returns undefined if the local model has to generate
 * @throws the signal's reason when it is aborted
 */
export async function served(
  server: TextSource | undefined,
  context: CompletionContext,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Suggestion | undefined> {
  const { settings, trigger, mayLeave, minConfidence: least } = context;
  if (server === undefined || mayLeave === undefined) return undefined;
  const written = await server.generate(
    { ...context, mayLeave },
    {
      ...settings,
      trigger,
      stoppingCriteria: suggestionCriteria(context, settings.maxLines),
      minConfidence: least.line,
      whole: "lines",
      signal,
      onText,
    },
  );
  return written && finish(written, context);
}
