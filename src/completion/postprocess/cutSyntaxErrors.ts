import type { Rule } from "./rule";

/** Ends a suggestion before it adds a syntax error, if a parser has read the document. */
export const cutSyntaxErrors: Rule = {
  reason: "syntax error",
  apply(text, { fits }) {
    const length = fits?.(text);
    return length === undefined ? text : text.slice(0, length);
  },
};
