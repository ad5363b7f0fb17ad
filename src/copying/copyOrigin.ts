import type { CopyIndex } from "./copyIndex";

/** An occurrence of the last tokens after which a token stood. */
export interface CopyOrigin {
  readonly index: CopyIndex;
  /** Tokens in common, and its position in the index, as `Visit` gives them. */
  readonly length: number;
  readonly position: number;
}

/**
 * The best occurrence of a token as the next one: the longest match, of equal ones the nearest and
 * latest, as `copyCandidates` ranks them.
 *
 * @param tail the last tokens before the cursor
 * @param near indexes of the own file, the nearest first
 * @param far indexes of other files, the nearest first
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
