import type { Surroundings } from "../context";
import type { NoSuggestionReason } from "../../protocol";
import type { Suggestion } from "../suggestion";

/** A check of a suggestion that may shorten it. */
export interface Rule {
  /** The reason given if the rule leaves no text. */
  readonly reason: NoSuggestionReason;
  /**
   * Returns the part of `text` to keep, from its start on.
   *
   * @param suggestion gives the tokens of the text with their probabilities
   */
  readonly apply: (
    text: string,
    around: Surroundings,
    suggestion: Suggestion,
  ) => string;
}
