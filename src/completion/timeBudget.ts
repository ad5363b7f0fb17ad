import type { Settings } from "../protocol";

/** Milliseconds of a model that is quick: nobody waits for a blink. */
const usualMs = 40;
/** Tokens that a suggestion should have room for: a few words. */
const fewTokens = 8;
/**
 * Milliseconds in which a request is to be answered. The next key may come 150 ms after this one, of
 * which an editor waits some 50 before it asks; the last token may begin right before the end.
 */
const answerMs = 85;

/**
 * Milliseconds of generation after which a suggestion is shown as far as it is.
 *
 * @param msPerToken what a token takes, as measured; 0 where it has not been
 * @param spentMs what the request has taken until now
 */
export function timeBudgetOf(
  timeBudget: Settings["timeBudget"],
  msPerToken: number,
  spentMs: number,
): number {
  if (timeBudget !== "auto") return timeBudget;
  const wanted = Math.min(fewTokens * msPerToken, answerMs - spentMs);
  return Math.max(usualMs, wanted);
}
