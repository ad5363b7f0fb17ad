import {
  iq4_nl,
  iq4_xs,
  q2_k,
  q3_k,
} from "../../../../src/models/formats/dequantiseLow";
import type { Encoder } from "../../../../src/models/formats/encode";
import { encoder, level, putHalf } from "./quantise";

/** Plain encoders of the formats in `dequantiseLow.ts`, as those of `quantise.ts`. */
export const encodeQ2_K = encoder(q2_k, (block, bytes) => {
  const ranges = groupsOf(block, 16).map((values) => {
    const least = Math.min(0, ...values);
    return { scale: (Math.max(...values) - least) / 3, minimum: -least };
  });
  const d = putHalf(bytes, 80, Math.max(...ranges.map((r) => r.scale)) / 15);
  const dmin = putHalf(
    bytes,
    82,
    Math.max(...ranges.map((r) => r.minimum)) / 15,
  );
  ranges.forEach(({ scale, minimum }, group) => {
    const [s, m] = [level(scale, d, 0, 15), level(minimum, dmin, 0, 15)];
    bytes[group] = s | (m << 4);
    for (let value = 16 * group; value < 16 * group + 16; value++)
      putTwo(bytes, 16, value, level(block[value]! + dmin * m, d * s, 0, 3));
  });
});

export const encodeQ3_K = encoder(q3_k, (block, bytes) => {
  const scales = groupsOf(block, 16).map((values) =>
    Math.max(Math.max(...values) / 3, Math.min(...values) / -4),
  );
  const d = putHalf(bytes, 108, Math.max(...scales) / 31);
  scales.forEach((scale, g) => {
    const s = level(scale, d, -32, 31);
    bytes[96 + (g & 7)]! |= ((s + 32) & 15) << (g < 8 ? 0 : 4);
    bytes[104 + (g & 3)]! |= ((s + 32) >> 4) << (2 * (g >> 2));
    for (let value = 16 * g; value < 16 * g + 16; value++) {
      const q = level(block[value]!, d * s, -4, 3);
      putTwo(bytes, 32, value, q & 3);
      if (q >= 0) bytes[value & 31]! |= 1 << (value >> 5);
    }
  });
});

export const encodeIQ4_NL = encoder(iq4_nl, (block, bytes) => {
  const d = putHalf(bytes, 0, Math.max(...block.map(Math.abs)) / 113);
  putLevels(bytes, 2, block, d);
});

export const encodeIQ4_XS = encoder(iq4_xs, (block, bytes) => {
  const groups = groupsOf(block, 32);
  const scales = groups.map((values) => Math.max(...values.map(Math.abs)));
  const d = putHalf(bytes, 0, Math.max(...scales) / 113 / 31);
  groups.forEach((values, g) => {
    const s = level(scales[g]! / 113, d, -32, 31) + 32;
    bytes[2 + (g >> 2)]! |= (s >> 4) << (2 * (g & 3));
    bytes[4 + (g >> 1)]! |= (s & 15) << (4 * (g & 1));
    putLevels(bytes, 8 + 16 * g, values, d * (s - 32));
  });
});

export const lowQuantisers: readonly Encoder[] = [
  encodeQ2_K,
  encodeQ3_K,
  encodeIQ4_NL,
  encodeIQ4_XS,
];

const levels = [
  -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
];

function putLevels(
  bytes: Uint8Array,
  at: number,
  values: readonly number[],
  scale: number,
): void {
  values.forEach((x, i) => {
    const off = levels.map((l) => Math.abs(x - scale * l));
    const q = off.indexOf(Math.min(...off));
    bytes[at + (i & 15)]! |= q << (i < 16 ? 0 : 4);
  });
}

/** Two bits of a value of 256, as Q2_K and Q3_K have them. */
function putTwo(bytes: Uint8Array, at: number, value: number, q: number): void {
  const byte = at + 32 * (value >> 7) + (value & 31);
  bytes[byte]! |= q << (2 * ((value >> 5) & 3));
}

function groupsOf(block: readonly number[], size: number): number[][] {
  return Array.from({ length: block.length / size }, (_, g) =>
    block.slice(g * size, (g + 1) * size),
  );
}
