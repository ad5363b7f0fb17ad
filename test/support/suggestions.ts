import { noTimings, type Suggestion } from "../../src/completion/suggestion";

/** A generated suggestion with a text and no tokens. */
export function suggestionOf(text: string): Suggestion {
  return { text, reason: "generated", tokens: [], timings: noTimings };
}
