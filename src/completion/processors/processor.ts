/**
 * Says which tokens may come next, as the logits processors of other engines do. What it works on are
 * probabilities, since the network's are mixed with copies before anything else sees them.
 */
export interface LogitsProcessor {
  /**
   * @param probabilities of the next token, [V]; not changed
   * @returns 0 for tokens that may not come next; the same array where all may
   */
  process(probabilities: Float32Array): Float32Array;
  /** Told the token that was chosen. */
  accept(token: number): void;
}

/** The least positive number of single precision: an allowed token never counts as forbidden. */
const least = 1.5e-45;

/** The probability of all tokens together; below 1 where some of them are forbidden. */
export function sum(probabilities: Float32Array): number {
  let total = 0;
  for (let i = 0; i < probabilities.length; i++) total += probabilities[i]!;
  return total;
}

/** A copy of `probabilities` in which only the tokens in `allowed` have any. */
export function keepOnly(
  probabilities: Float32Array,
  allowed: Iterable<number>,
): Float32Array {
  const kept = new Float32Array(probabilities.length);
  for (const token of allowed)
    if (token < kept.length)
      kept[token] = Math.max(probabilities[token]!, least);
  return kept;
}
