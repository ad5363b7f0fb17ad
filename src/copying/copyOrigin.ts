import type { CopyIndex } from "./copyIndex";

/** An occurrence of the last tokens that a token followed. */
export interface CopyOrigin {
  readonly index: CopyIndex;
  /** What the index told of it: tokens in common, and its number there. */
  readonly length: number;
  readonly position: number;
}

/**
 * The occurrence that speaks most for a token as the next one: that with the longest match, of equal
 * ones the nearest and latest, as `copyCandidates` ranks them.
 *
 * @param tail the last tokens before the cursor
 * @param near where to look, the nearest first
 * @param far other files, the nearest first
 */
export function copyOrigin(
  token: number,
  tail: readonly number[],
  near: readonly CopyIndex[],
  far: readonly CopyIndex[],
): CopyOrigin | undefined {
  let best: CopyOrigin | undefined;
  const visitor =
    (index: CopyIndex) => (next: number, length: number, position: number) => {
      if (next !== token) return;
      const isBetter =
        length > (best?.length ?? 0) ||
        (length === best?.length &&
          index === best.index &&
          position > best.position);
      if (isBetter) best = { index, length, position };
    };
  for (const index of near) index.occurrences(tail, visitor(index));
  for (const index of far) index.longOccurrences(tail, visitor(index));
  return best;
}
