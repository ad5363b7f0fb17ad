import type { Candidate } from "../engine/gate";
import type { CopyIndex } from "./copyIndex";

/** More than the places of an index. */
const recencyPerIndex = 2 ** 32;

/**
 * What followed earlier occurrences of the last tokens (pointer mixture networks, arXiv 1711.09573):
 * distinct tokens, longest match first, then most frequent, then latest.
 *
 * In other files fewer than three tokens in common say little, and there are so many such places
 * that they push out what is near.
 *
 * @param most at most so many are given
 * @param tail the last tokens before the cursor, `maxMatchLength` of them where there are so many
 * @param near where to look, the nearest first: the text before the cursor, the text after it
 * @param far other files, the nearest first
 */
export function copyCandidates(
  most: number,
  tail: readonly number[],
  near: readonly CopyIndex[],
  far: readonly CopyIndex[] = [],
): Candidate[] {
  const found = new Map<number, Found>();
  const visitor =
    (rank: number) => (token: number, length: number, position: number) => {
      const recency = position - rank * recencyPerIndex;
      const isElsewhere = rank >= near.length;
      const candidate = found.get(token);
      if (candidate === undefined) {
        found.set(token, { token, length, count: 1, recency, isElsewhere });
        return;
      }
      candidate.isElsewhere &&= isElsewhere;
      candidate.length = Math.max(candidate.length, length);
      candidate.count++;
      candidate.recency = Math.max(candidate.recency, recency);
    };
  near.forEach((index, rank) => index.occurrences(tail, visitor(rank)));
  far.forEach((index, rank) =>
    index.longOccurrences(tail, visitor(near.length + rank)),
  );
  return [...found.values()]
    .sort(
      (a, b) =>
        b.length - a.length || b.count - a.count || b.recency - a.recency,
    )
    .slice(0, most)
    .map(({ recency: _, ...candidate }) => candidate);
}

/** A candidate as far as it has been seen. */
type Found = { -readonly [K in keyof Candidate]: Candidate[K] } & {
  recency: number;
};

/**
 * How the text went on behind the longest match of its last tokens, at least three of them; of equal
 * matches behind the nearest and latest.
 *
 * @param most at most so many tokens are given
 */
export function draft(
  most: number,
  tail: readonly number[],
  near: readonly CopyIndex[],
  far: readonly CopyIndex[],
): number[] {
  let longest = 0;
  let follows: number[] = [];
  for (const index of [...near, ...far]) {
    index.longOccurrences(tail, (_, length, position) => {
      if (length <= longest) return;
      longest = length;
      follows = index.following(position, most);
    });
  }
  return follows;
}
