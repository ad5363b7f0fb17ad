/** Longest context, in bytes. */
const longest = 5;

/**
 * Bits that a file takes by an interpolated n-gram model which has read nothing but the file before
 * each byte: contexts of five bytes down to none and, below them, all bytes alike (Witten and Bell,
 * The zero-frequency problem, 1991):
 *
 *   p_n(b) = (count(context, b) + distinct(context) · p_{n−1}(b)) / (total(context) + distinct(context))
 */
export function byteNgramBits(bytes: Uint8Array): number {
  const counts = new Map<number, number>();
  const totals = new Map<number, number>();
  const distinct = new Map<number, number>();
  let bits = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    let p = 1 / 256;
    let value = 0;
    let scale = 1;
    for (let order = 0; order <= Math.min(longest, at); order++) {
      if (order > 0) {
        value += scale * bytes[at - order]!;
        scale *= 256;
      }
      // The digit above the context's bytes tells contexts of different lengths apart.
      const context = scale + value;
      const pair = context * 256 + byte;
      const count = counts.get(pair) ?? 0;
      const total = totals.get(context) ?? 0;
      const different = distinct.get(context) ?? 0;
      if (total > 0) p = (count + different * p) / (total + different);
      counts.set(pair, count + 1);
      totals.set(context, total + 1);
      if (count === 0) distinct.set(context, different + 1);
    }
    bits -= Math.log2(p);
  }
  return bits;
}
