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

/** The rules in the order in which they are applied. */
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

/** The part of a suggestion that all rules leave; if none is left, the reason of the last rule. */
export function postprocess(
  suggestion: Suggestion,
  around: Surroundings,
): Suggestion {
  // After a later rule's cut an earlier rule may apply. Each pass shortens the text, so this ends.
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
