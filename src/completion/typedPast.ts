import { splitsWord } from "../text/words";
import { confidenceOf, silent, upTo, type Suggestion } from "./suggestion";
import { firstLineEnd } from "./keepSure";

/** The share of users who do not look at suggestions while they type (an assumption). */
const blind = 0.05;
/**
 * The probability, at each key, that a user who looks accepts a right suggestion: few see it, read it and
 * decide within a key or two. docs/evaluation.md says what it costs either way.
 */
const taken = 0.4;

/**
 * The probability that a suggestion is right although the user typed letters of its next word while it
 * was on screen, instead of accepting it. Bayes' rule: a right suggestion is still not accepted after
 * `keys` letters with probability `blind` + (1 − `blind`) · (1 − `taken`)^`keys`, a wrong one with
 * probability 1.
 *
 * @param confidence of the rest of the suggestion, 0 … 1
 * @param keys letters of the present word that were typed while it was shown
 */
function confidenceTypedPast(confidence: number, keys: number): number {
  const right = confidence * (blind + (1 - blind) * (1 - taken) ** keys);
  return right / (right + (1 - confidence));
}

/**
 * The part of a suggestion that is still likely enough after it was typed past: all of it, its first
 * words, or nothing.
 *
 * @param keys letters of the present word that were typed while it was shown
 * @param least probability at which a suggestion is shown, 0 … 1
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
