import { suggestionsValues, type Suggestions } from "../protocol";
import { splitsWord } from "../text/words";
import { minConfidence, type MinConfidence } from "./confidence";
import { keepSure } from "./keepSure";
import { upTo, type Suggestion } from "./suggestion";

/**
 * The values of `rwkv.suggestions` that show something of a generated text. No run of the network is
 * made for this. So those that show less than the present one are known; of those that show more it is
 * an estimate by the first word: generation has ended where the text was not likely enough, and how a
 * word in which it ended, or a character or two, would have gone on is not known.
 *
 * @param present the value by which the text was generated
 * @param isShown whether something of the text is shown
 */
export function settingsShowing(
  suggestion: Suggestion,
  present: Suggestions,
  isShown: boolean,
): Suggestions[] {
  const at = suggestionsValues.indexOf(present);
  return suggestionsValues.filter((setting, i) =>
    // One that asks for less shows what the present one shows.
    isShown
      ? i <= at || isShownBy(suggestion, minConfidence(setting, "automatic"))
      : i < at && isShownBy(suggestion, minConfidence(setting, "automatic")),
  );
}

function isShownBy(suggestion: Suggestion, least: MinConfidence): boolean {
  const { text, tokens } = suggestion;
  const [first] = tokens;
  // What has no probabilities is shown whatever the setting.
  if (first === undefined) return text !== "";
  if (first.isNewWord && first.logProbability < Math.log(least.newWord))
    return false;
  return keepSure(likelyPart(suggestion, least.line), least).text.trim() !== "";
}

/** A text as `decode` would have ended it: behind the last whole word up to which it is likely enough. */
function likelyPart(suggestion: Suggestion, least: number): Suggestion {
  const { text, tokens } = suggestion;
  const wanted = Math.log(least);
  let logProbability = 0;
  let end = 0;
  for (const [i, token] of tokens.entries()) {
    logProbability += token.logProbability;
    if (logProbability < wanted) {
      const part = {
        ...suggestion,
        text: text.slice(0, end),
        tokens: tokens.slice(0, i),
        stop: "not sure enough",
      } as const;
      return upTo(part, part.text.trimEnd().length);
    }
    if (!splitsWord(text, token.end)) end = token.end;
  }
  return suggestion;
}
