import type { Rule } from "./rule";

/** Drops a suggestion without a visible character. */
export const dropBlank: Rule = {
  reason: "nothing to add",
  apply: (text) => (/[^\s\p{Cf}\p{Cc}]/u.test(text) ? text : ""),
};
