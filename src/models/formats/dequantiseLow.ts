import { blocks, half } from "./dequantise";

/**
 * ggml's block formats with two and three bits, and those with four bits whose levels are not evenly
 * spaced. `dequantise.ts` names the sources and explains the letters.
 */

/**
 * Block of 256 = 16 groups of 16: 16 bytes with a scale s (low half) and a minimum m (high half) per
 * group; 64 bytes of q (`twoBits`); the scale d of the scales, the scale dmin of the minima (2 bytes
 * each). x = (d s) q − (dmin m)
 */
export const q2_k = blocks("Q2_K", 256, 84, (source, at, target, to) => {
  const d = half(source, at + 80);
  const dmin = half(source, at + 82);
  for (let value = 0; value < 256; value++) {
    const group = source[at + (value >> 4)]!;
    const scale = Math.fround(d * (group & 15));
    const minimum = Math.fround(dmin * (group >> 4));
    const q = twoBits(source, at + 16, value);
    target[to + value] = Math.fround(scale * q) - minimum;
  }
});

/**
 * Block of 256 = 16 groups of 16: 32 bytes of third bits h, bit j of byte i for value 32 j + i; 64 bytes
 * of the low two bits q (`twoBits`); 12 bytes with a 6-bit scale s per group; the scale d of the scales
 * (2 bytes). Of the 12 bytes, the first eight have the low four bits of scales 0 … 7 in their low halves
 * and of scales 8 … 15 in their high halves; byte 8 + (g mod 4) has the upper two bits of scale g, from
 * bit 2 (g div 4) on. x = (d (s − 32)) (q − 4 (1 − h))
 */
export const q3_k = blocks("Q3_K", 256, 110, (source, at, target, to) => {
  const d = half(source, at + 108);
  const scales = at + 96;
  for (let value = 0; value < 256; value++) {
    const g = value >> 4;
    const low = source[scales + (g & 7)]! >> (g < 8 ? 0 : 4);
    const upper = source[scales + 8 + (g & 3)]! >> (2 * (g >> 2));
    const scale = Math.fround(d * (((low & 15) | ((upper & 3) << 4)) - 32));
    const third = (source[at + (value & 31)]! >> (value >> 5)) & 1;
    const q = twoBits(source, at + 32, value) - 4 * (1 - third);
    target[to + value] = scale * q;
  }
});

/** The sixteen levels of IQ4_NL and IQ4_XS (`kvalues_iq4nl` in ggml-common.h). */
const levels = [
  -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
];

/** Block of 32: d (2 bytes); 16 bytes with q as in Q4_0. x = d levels[q] */
export const iq4_nl = blocks("IQ4_NL", 32, 18, (source, at, target, to) => {
  const d = half(source, at);
  for (let i = 0; i < 16; i++) {
    const q = source[at + 2 + i]!;
    target[to + i] = d * levels[q & 15]!;
    target[to + 16 + i] = d * levels[q >> 4]!;
  }
});

/**
 * Block of 256 = 8 groups of 32: the scale d of the scales; 2 bytes with the upper two bits of each
 * group's scale s, those of group g from bit 2 g on; 4 bytes with the low four bits, two groups in a
 * byte; 16 bytes per group with q as in Q4_0. x = (d (s − 32)) levels[q]
 */
export const iq4_xs = blocks("IQ4_XS", 256, 136, (source, at, target, to) => {
  const d = half(source, at);
  const high = source[at + 2]! | (source[at + 3]! << 8);
  for (let group = 0; group < 8; group++) {
    const low = source[at + 4 + (group >> 1)]! >> (4 * (group & 1));
    const upper = (high >> (2 * group)) & 3;
    const scale = Math.fround(d * (((low & 15) | (upper << 4)) - 32));
    const first = to + 32 * group;
    for (let i = 0; i < 16; i++) {
      const q = source[at + 8 + 16 * group + i]!;
      target[first + i] = scale * levels[q & 15]!;
      target[first + 16 + i] = scale * levels[q >> 4]!;
    }
  }
});

/** The two bits of value 128 h + 32 j + i, which are in byte 32 h + i, from bit 2 j on. */
function twoBits(source: Uint8Array, at: number, value: number): number {
  const byte = source[at + 32 * (value >> 7) + (value & 31)]!;
  return (byte >> (2 * ((value >> 5) & 3))) & 3;
}
