import { splitsWord } from "../text/words";
import { confidenceOf, silent, upTo, type Suggestion } from "./suggestion";
import { firstLineEnd } from "./keepSure";

/** The share of users who look at nothing while they type. An assumption, like the next one. */
const blind = 0.02;
/** The chance, at each key, that a user who looks takes what is on the screen and is wanted. */
const taken = 0.5;

/**
 * The probability that a suggestion is right which has been on the screen while some letters of its
 * next word were typed: had it been what the user wants, it might have been taken. Bayes' rule, with
 * `blind` + (1 − `blind`) · (1 − `taken`)^`keys` for the chance that what is right is still not
 * taken.
 *
 * @param confidence of what is left of it, 0 … 1
 * @param keys letters of the present word that were typed while it was shown
 */
export function confidenceTypedPast(confidence: number, keys: number): number {
  const right = confidence * (blind + (1 - blind) * (1 - taken) ** keys);
  return right / (right + (1 - confidence));
}

/**
 * What of a suggestion is still likely enough though it was typed past: all of it, its first words,
 * or nothing.
 *
 * @param keys letters of the present word that were typed while it was shown
 * @param least probability that a suggestion has to have, 0 … 1
 */
export function keepTypedPast(
  suggestion: Suggestion,
  keys: number,
  least: number,
): Suggestion {
  if (keys === 0) return suggestion;
  const { text, tokens } = suggestion;
  const lineEnd = firstLineEnd(text) ?? text.length;
  // Several lines are shown only as a whole.
  const ends = tokens.map(({ end }) => end).filter((end) => end <= lineEnd);
  for (const end of [text.length, lineEnd, ...ends.reverse()]) {
    if (splitsWord(text, end)) continue;
    const part = upTo(suggestion, end);
    if (confidenceTypedPast(confidenceOf(part), keys) >= least)
      return part.text.trim() === "" ? silent("not sure enough") : part;
  }
  return silent("not sure enough");
}
