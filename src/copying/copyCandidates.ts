import type { Candidate } from "../engine/gate";
import type { CopyIndex } from "./copyIndex";

/**
 * Occurrences that are visited in other files, as a rule at most: a token sequence that occurs more
 * often goes on in the nearest files as it does in all.
 */
const maxFarVisits = 2560;
/** More than the positions of any index. */
const recencyPerIndex = 2 ** 32;

/**
 * The tokens that followed earlier occurrences of the last tokens (pointer mixture networks, arXiv
 * 1711.09573): distinct tokens, longest match first, then most frequent, then latest.
 *
 * In other files only matches of three tokens or more count: shorter ones predict little, and are so
 * many that they would displace the candidates of the own file.
 *
 * @param most the largest number of candidates
 * @param tail the last tokens before the cursor, `maxMatchLength` of them if there are as many
 * @param near indexes of the own file, the nearest first: the text before the cursor, the text after it
 * @param far indexes of other files, the nearest first
 */
export function copyCandidates(
  most: number,
  tail: readonly number[],
  near: readonly CopyIndex[],
  far: readonly CopyIndex[] = [],
): Candidate[] {
  const found = new Map<number, Found>();
  let visits = 0;
  const visitor =
    (rank: number) => (token: number, length: number, position: number) => {
      visits++;
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
  const nearVisits = visits;
  for (const [rank, index] of far.entries()) {
    if (visits - nearVisits >= maxFarVisits) break;
    index.longOccurrences(tail, visitor(near.length + rank));
  }
  return [...found.values()]
    .sort(
      (a, b) =>
        b.length - a.length || b.count - a.count || b.recency - a.recency,
    )
    .slice(0, most)
    .map(({ recency: _, ...candidate }) => candidate);
}

/** A candidate while its occurrences are counted. */
type Found = { -readonly [K in keyof Candidate]: Candidate[K] } & {
  recency: number;
};

/**
 * The tokens that followed the longest match of the last tokens, of three tokens at least; of equal
 * matches the nearest and latest counts.
 *
 * @param most the largest number of tokens
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
