import { InlineCompletionTriggerKind } from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import type { AskAgain } from "./askAgain";
import type { Availability } from "./availability";
import { documentSettings } from "./documentSettings";
import { scopeOf } from "./settings";
import type { Suggestions } from "./suggestions";

/**
 * Handles requests between the editor and the engine: some are not sent, and all suggestions are passed
 * to `suggestions`, too.
 *
 * @param askAgain tells apart the requests by hand and those that it has triggered itself
 * @param isBusy whether *Generate* is writing into a document
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
      // Typing sends no request where suggestions are off.
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
        // The request was cancelled, or the engine has ended: the log has it; the user is not disturbed.
        return undefined;
      }
    },
    workspace: {
      // As in the library, with two differences: the scope includes the document's language, and the
      // settings of a workspace cannot take back what the user excludes.
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
