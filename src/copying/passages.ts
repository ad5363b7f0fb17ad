import type { CopyIndex } from "./copyIndex";

/** Tokens on both sides of an occurrence of other tokens. */
export interface Passage {
  /** Up to the end of the occurrence. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Tokens of a passage at most, with the occurrence and after it. */
const tokensBefore = 64;
const tokensAfter = 24;
/** Most passages that are collected. */
const mostPassages = 64;

/**
 * The passages around the occurrences of some tokens, in the order of the indexes.
 *
 * @param tokens three, in the order of the text
 * @param indexes the nearest first
 */
export function passagesAround(
  tokens: readonly number[],
  indexes: readonly CopyIndex[],
): Passage[] {
  const found: Passage[] = [];
  for (const index of indexes) {
    index.longOccurrences(tokens, (_, length, position) => {
      if (found.length >= mostPassages) return;
      const occurrence = { length, position };
      found.push(index.passage(occurrence, tokensBefore, tokensAfter));
    });
    if (found.length >= mostPassages) break;
  }
  return found;
}
