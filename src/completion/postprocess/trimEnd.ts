import type { Rule } from "./rule";

/** Takes off white space at the end, which nobody would see, yet would have to delete. */
export const trimEnd: Rule = {
  reason: "nothing to add",
  apply: (text) => text.trimEnd(),
};
