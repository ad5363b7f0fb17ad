/**
 * The chance, at each key, that a user who wants what is on the screen takes it. An assumption: who
 * looks at the screen takes it soon, who types blindly never does.
 */
const taken = 0.3;

/**
 * The probability that a suggestion is right which has been on the screen while some letters of its
 * next word were typed: had it been what the user wants, it might have been taken. Bayes' rule, with
 * (1 − `taken`)^`keys` for the chance that what is right is still not taken.
 *
 * @param confidence of what is left of it, 0 … 1
 * @param keys letters of the present word that were typed while it was shown
 */
export function confidenceTypedPast(confidence: number, keys: number): number {
  const right = confidence * (1 - taken) ** keys;
  return right / (right + (1 - confidence));
}
