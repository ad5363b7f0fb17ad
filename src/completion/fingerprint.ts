import { createHash } from "node:crypto";
import { maxDistance } from "../runtime/promptWindow";
import { lineFeeds } from "../text/lineFeeds";
import { suffixAfterLine, type CompletionContext } from "./context";

/**
 * A hash of the inputs of a suggestion: the text before and after the cursor, as far as the network
 * reads it, and the environment. The rest of the cursor's line is left out, since an editor inserts
 * closing brackets there.
 *
 * @param typed number of characters before the cursor to leave out, since they were typed after the
 *   suggestion was made; a line end counts as one
 */
export function fingerprint(
  {
    text,
    start,
    end,
    selectedText,
    environment,
  }: Pick<
    CompletionContext,
    "text" | "start" | "end" | "selectedText" | "environment"
  >,
  typed: number,
): string {
  const before =
    lineFeeds(text.slice(Math.max(0, start - maxDistance), start)) +
    selectedText;
  const suffix = suffixAfterLine(text, end).slice(0, maxDistance);
  // In a long file `before` starts elsewhere after each key, so only its second half is hashed.
  const from =
    start > maxDistance ? before.length - typed - maxDistance / 2 : 0;
  return createHash("sha1")
    .update(before.slice(from, before.length - typed))
    .update("\0")
    .update(suffix)
    .update("\0")
    .update(environment)
    .digest("base64");
}
