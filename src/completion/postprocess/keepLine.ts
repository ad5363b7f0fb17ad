import { keepsBrackets } from "../midLine/keepsBrackets";
import { splitsWord } from "../../text/words";
import type { Rule } from "./rule";

/**
 * With text right of the cursor, cuts a suggestion to the longest part that leaves the brackets and
 * quotes of the line as they are.
 */
export const keepLine: Rule = {
  reason: "unbalanced",
  apply(text, around) {
    if (around.lineSuffix.trim() === "") return text;
    for (let end = text.length; end > 0; end--) {
      if (!splitsWord(text, end) && keepsBrackets(around, text.slice(0, end)))
        return text.slice(0, end);
    }
    return "";
  },
};
