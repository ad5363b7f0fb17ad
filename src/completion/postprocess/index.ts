import type { Surroundings } from "../context";
import type { NoSuggestionReason } from "../reasons";
import { cutFollowing } from "./cutFollowing";
import { cutOverlap } from "./cutOverlap";
import { cutRepetition } from "./cutRepetition";
import { cutUnopened } from "./cutUnopened";
import { dropBlank } from "./dropBlank";
import { oneLine } from "./oneLine";
import type { Rule } from "./rule";
import { trimEnd } from "./trimEnd";

/** In this order; each sees what the one before has left. */
export const rules: readonly Rule[] = [
  oneLine,
  cutRepetition,
  cutOverlap,
  cutFollowing,
  cutUnopened,
  trimEnd,
  dropBlank,
];

/** What is fit to be shown of a generated text; `dropped` says why nothing is. */
export function postprocess(
  text: string,
  around: Surroundings,
): { text: string; dropped?: NoSuggestionReason } {
  // What a later rule cuts may give an earlier one reason to cut more. Each pass only shortens.
  for (let length = -1; length !== text.length;) {
    length = text.length;
    for (const { silence, apply } of rules) {
      if (text === "") break;
      text = apply(text, around);
      if (text === "") return { text, dropped: silence };
    }
  }
  return { text };
}
