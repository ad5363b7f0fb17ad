/** The hash of no tokens. */
export const emptyHash = 0;

/** A hash is 32 bits of one hash above 21 bits of another: 53 bits, which a number holds exactly. */
const low = 0x200000;

/**
 * The hash of a sequence with one more token, from the hash of the sequence: an integer of 53 bits.
 * Two different sequences have the same hash with a probability of 2^−53. It is no cryptographic hash:
 * collisions can be constructed.
 */
export function hashAfter(hash: number, token: number): number {
  let a = Math.floor(hash / low) | 0;
  let b = hash % low;
  // Multiplication mixes low bits into high ones, shifts the other way (MurmurHash3's finalizer).
  a = Math.imul(a ^ token, 0x85ebca6b) + 0x9e3779b9;
  a ^= a >>> 15;
  b = Math.imul(b + token + 1, 0xc2b2ae35) ^ a;
  b ^= b >>> 13;
  a = Math.imul(a, 0x27d4eb2f);
  a ^= a >>> 16;
  return (a >>> 0) * low + (b & (low - 1));
}
