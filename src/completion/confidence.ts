import type { Suggestions } from "../protocol";

/** The least probability of a whole suggestion at which it is shown: 0 … 1. */
export interface MinConfidence {
  /** For one or two characters: typing them is as fast as reading them. */
  readonly short: number;
  readonly line: number;
  /** For several lines: they take longer to read and are seldom right (docs/evaluation.md). */
  readonly lines: number;
  /** For the rest of a word that stands nowhere else and is no word of the language. */
  readonly newWord: number;
}

/**
 * The product of the tokens' probabilities is calibrated: of the suggestions with probability p, a
 * share of p is right. docs/evaluation.md says how these thresholds were chosen.
 */
const minConfidences: Readonly<Record<Suggestions, MinConfidence>> = {
  often: { short: 0.5, line: 0.28, lines: 0.7, newWord: 0.45 },
  balanced: { short: 0.74, line: 0.58, lines: 0.8, newWord: 0.7 },
  rare: { short: 0.85, line: 0.68, lines: 0.9, newWord: 0.8 },
};

/** A suggestion requested by hand is shown at any probability. */
const anything: MinConfidence = { short: 0, line: 0, lines: 0, newWord: 0 };

export function minConfidence(
  suggestions: Suggestions,
  trigger: "automatic" | "invoked",
): MinConfidence {
  return trigger === "invoked" ? anything : minConfidences[suggestions];
}
