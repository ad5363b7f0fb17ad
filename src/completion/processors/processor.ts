/**
 * Masks or changes the next token, as the logits processors of other engines do. It gets probabilities
 * instead of logits, since the network's distribution has been mixed with copies before.
 */
export interface LogitsProcessor {
  /**
   * @param probabilities of the next token, [V]; not changed
   * @returns the probabilities with 0 for forbidden tokens; the same array if none is forbidden
   */
  process(probabilities: Float32Array): Float32Array;
  /** Called with each chosen token. */
  accept(token: number): void;
}

/** The least positive number of single precision: keeps an allowed token from counting as forbidden. */
const least = 1.5e-45;

/** The sum of all probabilities; below 1 if some tokens are forbidden. */
export function sum(probabilities: Float32Array): number {
  let total = 0;
  for (let i = 0; i < probabilities.length; i++) total += probabilities[i]!;
  return total;
}

/** A copy of `probabilities` with 0 for all tokens but those in `allowed`. */
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
