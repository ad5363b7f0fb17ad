import { endsInComment, unclosed, unopened } from "../../syntax/brackets";
import type { Rule } from "./rule";

/** Languages in which brackets need not be paired. */
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

const firstLine = /^.*/;

/** Ends a suggestion before it closes a bracket that is not open; only where no parser decides. */
export const cutUnopened: Rule = {
  reason: "unbalanced",
  apply(text, { languageId, before, beforeIsWhole, fits }) {
    if (fits?.(text) !== undefined) return text;
    // A bracket may be open from before the start of `before`.
    if (free.has(languageId) || !beforeIsWhole) return text;
    // The rest of a comment may have any brackets.
    const from = endsInComment(before) ? firstLine.exec(text)![0].length : 0;
    const closing = unopened(text.slice(from));
    if (closing.length === 0) return text;
    const open = unclosed(before);
    for (const { closer, at } of closing) {
      const opener = open.lastIndexOf(closer);
      if (opener < 0) return text.slice(0, from + at);
      open.length = opener;
    }
    return text;
  },
};
