import type { Rule } from "./rule";

/** Takes off white space at the end: the user cannot see it and would have to delete it. */
export const trimEnd: Rule = {
  reason: "nothing to add",
  apply: (text) => text.trimEnd(),
};
