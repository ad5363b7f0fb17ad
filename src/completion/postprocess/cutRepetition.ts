import { repetitionStart } from "../repetition";
import type { Rule } from "./rule";

/** Ends a suggestion where it starts to repeat itself or the lines before it. */
export const cutRepetition: Rule = {
  reason: "repetition",
  apply: (text, { before }) => text.slice(0, repetitionStart(text, before)),
};
