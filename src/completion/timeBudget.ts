import type { Settings } from "../protocol";

/** The time budget of a fast model, in ms: too short to be noticed. */
const usualMs = 40;
/** Tokens that the budget of a slow model should allow: a few words. */
const fewTokens = 8;
/**
 * Milliseconds in which a request has to be answered. The next key may come 150 ms after this one; the
 * editor waits some 50 ms of that before it sends the request, and a token may begin just before the
 * budget ends.
 */
const answerMs = 85;

/**
 * Milliseconds of decoding after which the suggestion so far is shown.
 *
 * @param msPerToken measured time of a token; 0 if not measured yet
 * @param spentMs time that the request has taken before
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
