import type { Surroundings } from "../context";
import type { NoSuggestionReason } from "../reasons";

/** One thing that can be wrong with a suggestion. */
export interface Rule {
  /** The reason given when nothing is left. */
  readonly reason: NoSuggestionReason;
  /** What is left of a suggestion; never more than a first part of it. */
  readonly apply: (text: string, around: Surroundings) => string;
}
