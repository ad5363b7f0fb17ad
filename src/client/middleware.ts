import { InlineCompletionTriggerKind } from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import type { AskAgain } from "./askAgain";
import type { Availability } from "./availability";
import { documentSettings } from "./documentSettings";
import { scopeOf } from "./settings";
import type { Suggestions } from "./suggestions";

/**
 * Steps between the editor and the engine.
 *
 * @param askAgain knows the requests by command that are not the user's
 * @param isBusy tells documents that *Generate* writes into
 */
export function middleware(
  availability: Availability,
  suggestions: Pick<Suggestions, "onItems">,
  askAgain: Pick<AskAgain, "kindOf">,
  isBusy: (uri: string) => boolean,
): Middleware {
  return {
    provideInlineCompletionItems: async (
      document,
      position,
      context,
      token,
      next,
    ) => {
      const triggerKind = askAgain.kindOf(
        document,
        position,
        context.triggerKind,
      );
      const automatic = triggerKind === InlineCompletionTriggerKind.Automatic;
      // No message leaves the editor while typing where suggestions are off.
      if (automatic && !availability.of(document).on) return undefined;
      if (isBusy(document.uri.toString())) return undefined;
      try {
        const asked = { ...context, triggerKind };
        const answer = await next(document, position, asked, token);
        if (answer && !token.isCancellationRequested)
          suggestions.onItems(
            document,
            position,
            "items" in answer ? answer.items : answer,
          );
        return answer;
      } catch {
        // Cancelled, or the engine ended: the user is not disturbed, and the log has the error.
        return undefined;
      }
    },
    workspace: {
      // As the library does, except that the scope knows the document's language, and that a
      // workspace cannot take back what its user excludes.
      configuration: (params, token, next) => {
        if (params.items.some((item) => item.section !== "rwkv"))
          return next(params, token);
        return params.items.map(({ scopeUri }) =>
          documentSettings(scopeOf(scopeUri)),
        );
      },
    },
  };
}
