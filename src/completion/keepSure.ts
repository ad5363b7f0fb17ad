import type { MinConfidence } from "./confidence";
import { confidenceOf, silent, upTo, type Suggestion } from "./suggestion";

/** Most characters of a short text, for which `MinConfidence.short` holds. */
const shortLength = 2;

/** How generation ends if a text of several lines is a whole block. */
const wholeEndings: ReadonlySet<Suggestion["stop"]> = new Set([
  "end of block",
  "end of text",
]);

/**
 * The part of a suggestion that is likely enough to be shown: all of it, its first line, or nothing.
 * Several lines have to be a whole block.
 */
export function keepSure(
  suggestion: Suggestion,
  least: MinConfidence,
): Suggestion {
  const { text, stop } = suggestion;
  if (least.line === 0) return suggestion;
  if (text === "") return silent("not sure enough", suggestion);
  const lineEnd = firstLineEnd(text);
  if (lineEnd !== undefined) {
    const isBlock = wholeEndings.has(stop);
    return isBlock && confidenceOf(suggestion) >= least.lines
      ? suggestion
      : keepSure(upTo(suggestion, lineEnd), least);
  }
  const wanted = text.length <= shortLength ? least.short : least.line;
  return confidenceOf(suggestion) >= wanted
    ? suggestion
    : silent("not sure enough", suggestion);
}

/** Where the first line of a text ends, if another one follows. */
export function firstLineEnd(text: string): number | undefined {
  const end = text.indexOf("\n");
  return end < 0 ? undefined : text.slice(0, end).trimEnd().length;
}
