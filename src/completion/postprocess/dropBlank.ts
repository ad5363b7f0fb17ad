import type { Rule } from "./rule";

/** Drops what has no visible character. */
export const dropBlank: Rule = {
  silence: "nothing to add",
  apply: (text) => (/[^\s\p{Cf}\p{Cc}]/u.test(text) ? text : ""),
};
