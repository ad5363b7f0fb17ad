import type { Suggestion } from "../../src/completion/suggestion";
import { splitsWord } from "../../src/text/words";

/** A place where a suggestion could end, and how likely all before it is right. */
export interface End {
  /** In UTF-16 units of the suggestion. */
  readonly length: number;
  /** Product of the probabilities of the tokens up to there, each renormalised over those allowed. */
  readonly confidence: number;
}

/** The ends of words, and places within other visible characters, of a suggested text. */
export function endsOf({
  text,
  tokens,
}: Pick<Suggestion, "text" | "tokens">): End[] {
  const ends: End[] = [];
  let next = 0;
  let reached = 0;
  let logProbability = 0;
  let length = 0;
  for (const character of text) {
    length += character.length;
    while (reached < length) {
      const token = tokens[next++];
      if (token === undefined) return ends;
      reached = token.end;
      logProbability += token.logProbability;
    }
    if (character.trim() !== "" && !splitsWord(text, length))
      ends.push({ length, confidence: Math.exp(logProbability) });
  }
  return ends;
}
