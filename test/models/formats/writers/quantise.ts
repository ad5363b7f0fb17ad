import { fromFloat16, toFloat16 } from "../../../../src/engine/float16";
import {
  q4_0,
  q4_1,
  q4_k,
  q5_0,
  q5_1,
  q5_k,
  q6_k,
  q8_0,
  type NumberType,
} from "../../../../src/models/formats/dequantise";
import type { Encoder } from "../../../../src/models/formats/encode";

/**
 * Plain encoders of ggml's block formats (layouts: see `dequantise.ts`): nearest values between the
 * extremes of a group, without the search for better scales that ggml makes.
 */
export const encodeQ4_0 = symmetric(q4_0, 4);
export const encodeQ5_0 = symmetric(q5_0, 5);
export const encodeQ4_1 = withMinimum(q4_1, 4);
export const encodeQ5_1 = withMinimum(q5_1, 5);

export const encodeQ8_0 = encoder(q8_0, (block, bytes) => {
  const d = putHalf(bytes, 0, Math.max(...block.map(Math.abs)) / 127);
  block.forEach((x, i) => (bytes[2 + i] = level(x, d, -127, 127) & 255));
});

export const encodeQ4_K = groups(q4_k, 4);
export const encodeQ5_K = groups(q5_k, 5);

export const encodeQ6_K = encoder(q6_k, (block, bytes) => {
  const extremes = Array.from({ length: 16 }, (_, group) =>
    Math.max(...block.slice(16 * group, 16 * group + 16).map(Math.abs)),
  );
  const d = putHalf(bytes, 208, Math.max(...extremes) / 31 / 127);
  extremes.forEach(
    (extreme, group) => (bytes[192 + group] = level(extreme / 31, d, 0, 127)),
  );
  block.forEach((x, value) => {
    const scale = d * bytes[192 + (value >> 4)]!;
    const q = level(x, scale, -32, 31) + 32;
    const half = value >> 7;
    const k = (value >> 5) & 3;
    const i = value & 31;
    bytes[64 * half + 32 * (k & 1) + i]! |= (q & 15) << (4 * (k >> 1));
    bytes[128 + 32 * half + i]! |= (q >> 4) << (2 * k);
  });
});

/** The bits of a value, from the type's name. */
export function bitsOf({ name }: NumberType): number {
  return Number(/\d/.exec(name)![0]);
}

export const quantisers: readonly Encoder[] = [
  encodeQ4_0,
  encodeQ4_1,
  encodeQ5_0,
  encodeQ5_1,
  encodeQ8_0,
  encodeQ4_K,
  encodeQ5_K,
  encodeQ6_K,
];

/** Q4_0 and Q5_0: scale, for Q5_0 fifth bits, low bits. */
function symmetric(type: NumberType, bits: 4 | 5): Encoder {
  const zero = 1 << (bits - 1);
  return encoder(type, (block, bytes) => {
    const extreme = block.reduce(
      (a, x) => (Math.abs(x) > Math.abs(a) ? x : a),
      0,
    );
    const d = putHalf(bytes, 0, extreme / -zero);
    putBits(
      bytes,
      2,
      bits,
      block.map((x) => level(x, d, -zero, zero - 1) + zero),
    );
  });
}

/** Q4_1 and Q5_1: scale, minimum, for Q5_1 fifth bits, low bits. */
function withMinimum(type: NumberType, bits: 4 | 5): Encoder {
  const most = (1 << bits) - 1;
  return encoder(type, (block, bytes) => {
    const least = Math.min(...block);
    const d = putHalf(bytes, 0, (Math.max(...block) - least) / most);
    const m = putHalf(bytes, 2, least);
    putBits(
      bytes,
      4,
      bits,
      block.map((x) => level(x - m, d, 0, most)),
    );
  });
}

function putBits(
  bytes: Uint8Array,
  at: number,
  bits: 4 | 5,
  levels: readonly number[],
): void {
  const low = bits === 5 ? at + 4 : at;
  levels.forEach((q, i) => {
    if (q & 16) bytes[at + (i >> 3)]! |= 1 << (i & 7);
    bytes[low + (i & 15)]! |= (q & 15) << (i < 16 ? 0 : 4);
  });
}

/** Q4_K and Q5_K. */
function groups(type: NumberType, bits: 4 | 5): Encoder {
  const most = (1 << bits) - 1;
  return encoder(type, (block, bytes) => {
    const ranges = Array.from({ length: 8 }, (_, group) => {
      const values = block.slice(32 * group, 32 * group + 32);
      const least = Math.min(0, ...values);
      return { scale: (Math.max(...values) - least) / most, minimum: -least };
    });
    const d = putHalf(bytes, 0, Math.max(...ranges.map((r) => r.scale)) / 63);
    const dmin = putHalf(
      bytes,
      2,
      Math.max(...ranges.map((r) => r.minimum)) / 63,
    );
    ranges.forEach(({ scale, minimum }, group) => {
      const s = level(scale, d, 0, 63);
      const m = level(minimum, dmin, 0, 63);
      if (group < 4) {
        bytes[4 + group]! |= s;
        bytes[8 + group]! |= m;
      } else {
        bytes[8 + group] = (s & 15) | ((m & 15) << 4);
        bytes[group]! |= (s >> 4) << 6;
        bytes[4 + group]! |= (m >> 4) << 6;
      }
      for (let i = 0; i < 32; i++) {
        const x = block[32 * group + i]! + dmin * m;
        const q = level(x, d * s, 0, most);
        const low = bits === 5 ? 48 : 16;
        bytes[low + 32 * (group >> 1) + i]! |= (q & 15) << (4 * (group & 1));
        if (q & 16) bytes[16 + i]! |= 1 << group;
      }
    });
  });
}

export function encoder(
  type: NumberType,
  encodeBlock: (block: readonly number[], bytes: Uint8Array) => void,
): Encoder {
  return {
    type,
    encode(values) {
      const blocks = values.length / type.values;
      const bytes = new Uint8Array(blocks * type.bytes);
      for (let block = 0; block < blocks; block++) {
        encodeBlock(
          [...values.subarray(block * type.values, (block + 1) * type.values)],
          bytes.subarray(block * type.bytes, (block + 1) * type.bytes),
        );
      }
      return bytes;
    },
  };
}

/** The nearest multiple of `scale`, as a whole number between the limits. */
export function level(
  x: number,
  scale: number,
  least: number,
  most: number,
): number {
  const q = scale === 0 ? 0 : Math.round(x / scale);
  return Math.min(most, Math.max(least, q));
}

/** @returns the number as it was rounded */
export function putHalf(bytes: Uint8Array, at: number, value: number): number {
  const bits = toFloat16(value);
  bytes[at] = bits & 255;
  bytes[at + 1] = bits >> 8;
  return fromFloat16(bits);
}
