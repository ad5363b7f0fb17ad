import type { Surroundings } from "../context";
import type { NoSuggestionReason } from "../reasons";
import type { Suggestion } from "../suggestion";

/** One thing that can be wrong with a suggestion. */
export interface Rule {
  /** The reason given when nothing is left. */
  readonly reason: NoSuggestionReason;
  /**
   * What is left of a suggestion's text; never more than a first part of it. The whole suggestion has
   * its tokens with their probabilities.
   */
  readonly apply: (
    text: string,
    around: Surroundings,
    suggestion: Suggestion,
  ) => string;
}
