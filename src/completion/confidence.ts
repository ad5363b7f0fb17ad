import type { Suggestions } from "../protocol";

/**
 * The probability that a suggestion has to have, as a whole, to be shown. The product of its tokens'
 * probabilities is calibrated: of what has a probability of p, a share of p is right
 * (docs/evaluation.md).
 */
const minConfidences: Readonly<Record<Suggestions, number>> = {
  often: 0.2,
  balanced: 0.4,
  rare: 0.65,
};

/** What is asked for by hand is shown whatever its probability. */
export function minConfidence(
  suggestions: Suggestions,
  trigger: "automatic" | "invoked",
): number {
  return trigger === "invoked" ? 0 : minConfidences[suggestions];
}
