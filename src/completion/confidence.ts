import type { Suggestions } from "../protocol";

/** The probability that a suggestion has to have, as a whole, to be shown: 0 … 1. */
export interface MinConfidence {
  /** Of one or two characters: they are typed as fast as read, so they have to be right. */
  readonly short: number;
  readonly line: number;
  /** Of several lines: more to read, and seldom right (docs/evaluation.md). */
  readonly lines: number;
  /** Of the end of a word that stands nowhere else and is none of the language. */
  readonly newWord: number;
}

/**
 * The product of the tokens' probabilities is calibrated: of what has a probability of p, a share of
 * p is right (docs/evaluation.md, which also tells how these were chosen).
 */
const minConfidences: Readonly<Record<Suggestions, MinConfidence>> = {
  often: { short: 0.5, line: 0.28, lines: 0.7, newWord: 0.45 },
  balanced: { short: 0.65, line: 0.45, lines: 0.8, newWord: 0.6 },
  rare: { short: 0.8, line: 0.6, lines: 0.9, newWord: 0.75 },
};

/** What is asked for by hand is shown whatever its probability. */
const anything: MinConfidence = { short: 0, line: 0, lines: 0, newWord: 0 };

export function minConfidence(
  suggestions: Suggestions,
  trigger: "automatic" | "invoked",
): MinConfidence {
  return trigger === "invoked" ? anything : minConfidences[suggestions];
}
