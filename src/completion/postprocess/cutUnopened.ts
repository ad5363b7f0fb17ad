import { unclosed, unopened } from "../brackets";
import type { Rule } from "./rule";

/** Languages in which a bracket may well stand alone. */
const free = new Set([
  "plaintext",
  "markdown",
  "latex",
  "tex",
  "bibtex",
  "restructuredtext",
  "shellscript",
  "git-commit",
]);

/** Ends a suggestion before it closes more brackets than are open. */
export const cutUnopened: Rule = {
  reason: "unbalanced",
  apply(text, { languageId, before, beforeIsWhole }) {
    // A bracket may have been opened farther up than the text goes.
    if (free.has(languageId) || !beforeIsWhole) return text;
    const closing = unopened(text);
    if (closing.length === 0) return text;
    const open = unclosed(before);
    for (const { closer, at } of closing) {
      const opener = open.lastIndexOf(closer);
      if (opener < 0) return text.slice(0, at);
      open.length = opener;
    }
    return text;
  },
};
