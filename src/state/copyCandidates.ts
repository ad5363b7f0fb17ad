import type { Candidate } from "../engine/gate";
import type { CopyIndex } from "./copyIndex";

const maxCandidates = 4;
/** Longer matches count as this long. */
export const longestMatch = 32;
/** More than the places of an index. */
const apart = 2 ** 32;

/**
 * What followed earlier occurrences of the last tokens (pointer mixture networks, arXiv 1711.09573):
 * at most four distinct tokens, longest match first, then most frequent, then latest.
 *
 * @param tail the last tokens before the cursor, `longestMatch` of them where there are so many
 * @param indexes where to look, those that count as latest first: the text before the cursor, the
 *   text behind it, other files
 */
export function copyCandidates(
  tail: readonly number[],
  indexes: readonly CopyIndex[],
): Candidate[] {
  const found = new Map<
    number,
    { token: number; length: number; count: number; recency: number }
  >();
  indexes.forEach((index, rank) => {
    index.occurrences(tail, (token, length, place) => {
      const recency = place - rank * apart;
      const candidate = found.get(token);
      if (candidate === undefined) {
        found.set(token, { token, length, count: 1, recency });
        return;
      }
      candidate.length = Math.max(candidate.length, length);
      candidate.count++;
      candidate.recency = Math.max(candidate.recency, recency);
    });
  });
  return [...found.values()]
    .sort(
      (a, b) =>
        b.length - a.length || b.count - a.count || b.recency - a.recency,
    )
    .slice(0, maxCandidates)
    .map(({ token, length, count }) => ({ token, length, count }));
}
