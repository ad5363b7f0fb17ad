import type { Rule } from "./rule";

/** With text right of the cursor a suggestion stays on its line. */
export const oneLine: Rule = {
  reason: "nothing to add",
  apply(text, { lineSuffix }) {
    const end = text.indexOf("\n");
    return end < 0 || lineSuffix.trim() === "" ? text : text.slice(0, end);
  },
};
