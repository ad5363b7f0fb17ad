/** The hash of no tokens. */
export const emptyHash = 0;

/** The hash has 32 bits of one hash above 21 of another, so that it is exact as a number. */
const low = 0x200000;

/**
 * The hash of a sequence and one more token, from the hash of the sequence: a number of 53 bits
 * that stands for every token so far. Two places with the same hash have read the same text, but
 * for one case in 2^53; it is no protection against someone who looks for that case.
 */
export function hashAfter(hash: number, token: number): number {
  let a = Math.floor(hash / low) | 0;
  let b = hash % low;
  // Multiplying spreads upwards, shifting down (the finalizer of MurmurHash3).
  a = Math.imul(a ^ token, 0x85ebca6b) + 0x9e3779b9;
  a ^= a >>> 15;
  b = Math.imul(b + token + 1, 0xc2b2ae35) ^ a;
  b ^= b >>> 13;
  a = Math.imul(a, 0x27d4eb2f);
  a ^= a >>> 16;
  return (a >>> 0) * low + (b & (low - 1));
}
