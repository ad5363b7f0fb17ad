import type { Surroundings } from "../context";
import { silent, upTo, type Suggestion } from "../suggestion";
import { cutFollowing } from "./cutFollowing";
import { cutOverlap } from "./cutOverlap";
import { cutRepetition } from "./cutRepetition";
import { cutSyntaxErrors } from "./cutSyntaxErrors";
import { cutUnopened } from "./cutUnopened";
import { dropBlank } from "./dropBlank";
import { keepLine } from "./keepLine";
import { oneLine } from "./oneLine";
import type { Rule } from "./rule";
import { trimEnd } from "./trimEnd";

/** In this order; each sees what the one before has left. */
export const rules: readonly Rule[] = [
  oneLine,
  cutRepetition,
  cutOverlap,
  cutFollowing,
  cutSyntaxErrors,
  cutUnopened,
  trimEnd,
  keepLine,
  dropBlank,
];

/** What is fit to be shown of a suggestion; else the reason of the rule that left nothing. */
export function postprocess(
  suggestion: Suggestion,
  around: Surroundings,
): Suggestion {
  // What a later rule cuts may give an earlier one reason to cut more. Each pass only shortens.
  for (let length = -1; length !== suggestion.text.length;) {
    length = suggestion.text.length;
    for (const { reason, apply } of rules) {
      const text = apply(suggestion.text, around, suggestion);
      if (text === "") return silent(reason, suggestion);
      if (text.length === suggestion.text.length) continue;
      const cut = { reason, text: suggestion.text.slice(text.length) };
      const cuts = [...(suggestion.cuts ?? []), cut];
      suggestion = { ...upTo(suggestion, text.length), cuts };
    }
  }
  return suggestion;
}
