import { createHash } from "node:crypto";
import type { CompletionContext } from "./context";
import { suffixAfterLine } from "./context";

/** Characters on either side of the cursor that a suggestion can have been made from. */
const maxDistance = 256 * 1024;

/**
 * Tells whether all that a suggestion was made from is still the same: the text on both sides, as far
 * as the network reads it, and what the context says of its environment. The cursor's own line right
 * of it does not count, since an editor closes brackets there.
 *
 * @param typed how many characters before the cursor were typed since; line ends count as one
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
  // A window that slides along while one types begins elsewhere, so its first half counts only where it is whole.
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
