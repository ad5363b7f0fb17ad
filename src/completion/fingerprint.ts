import { createHash } from "node:crypto";
import { suffixAfterLine, type CompletionContext } from "./context";

/** Characters on either side of the cursor that a suggestion can have been made from. */
const maxDistance = 256 * 1024;

/**
 * A hash of all that a suggestion is made from: the text on both sides, as far as the network reads
 * it, and the environment. The rest of the cursor's line does not count, since an editor closes
 * brackets there.
 *
 * @param typed how many characters before the cursor are left out, since they were typed later; a
 *   line end counts as one
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
  // In a long file the text begins elsewhere after each key; then its first half does not count.
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

function lineFeeds(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}
