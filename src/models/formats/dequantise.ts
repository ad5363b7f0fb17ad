import { fromFloat16 } from "../../engine/float16";

/**
 * The number types of checkpoints, as numbers that are read: plain floats and the block formats of
 * ggml (layouts: `ggml-common.h` in ggml-org/ggml, the structs `block_q4_0` … `block_q6_K`; the
 * values are bit for bit those of the `gguf` package's `quants`). Everything is little-endian, as
 * are the machines this runs on.
 *
 * A scale is a half-precision float; products are rounded to single precision where ggml does.
 */
export interface NumberType {
  /** As users know it: FP64, FP32, FP16, BF16, Q4_0 … IQ4_XS. */
  readonly name: string;
  /** Values and bytes of a block, 1 value for plain floats. */
  readonly values: number;
  readonly bytes: number;
  /** Decodes whole blocks: `source` holds as many of them as `target`. */
  decode(source: Uint8Array, target: Float32Array): void;
}

export const fp32: NumberType = {
  name: "FP32",
  values: 1,
  bytes: 4,
  decode(source, target) {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(
      source,
    );
  },
};

export const fp16: NumberType = {
  name: "FP16",
  values: 1,
  bytes: 2,
  decode(source, target) {
    for (let i = 0; i < target.length; i++) target[i] = half(source, 2 * i);
  },
};

/** Rounded to single precision, as every weight is computed with. */
export const fp64: NumberType = {
  name: "FP64",
  values: 1,
  bytes: 8,
  decode(source, target) {
    const { buffer, byteOffset, byteLength } = source;
    const view = new DataView(buffer, byteOffset, byteLength);
    for (let i = 0; i < target.length; i++)
      target[i] = view.getFloat64(8 * i, true);
  },
};

/** The upper half of a float32. */
export const bf16: NumberType = {
  name: "BF16",
  values: 1,
  bytes: 2,
  decode(source, target) {
    const words = new Uint32Array(
      target.buffer,
      target.byteOffset,
      target.length,
    );
    for (let i = 0; i < words.length; i++)
      words[i] = (source[2 * i]! << 16) | (source[2 * i + 1]! << 24);
  },
};

/** Block: scale (2 bytes); 16 bytes, whose low halves are values 0 … 15 and high halves 16 … 31. x = d (q − 8) */
export const q4_0 = blocks("Q4_0", 32, 18, (source, at, target, to) => {
  const d = half(source, at);
  for (let i = 0; i < 16; i++) {
    const q = source[at + 2 + i]!;
    target[to + i] = d * ((q & 15) - 8);
    target[to + 16 + i] = d * ((q >> 4) - 8);
  }
});

/** Block: scale, minimum (2 bytes each); 16 bytes as in Q4_0. x = d q + m */
export const q4_1 = blocks("Q4_1", 32, 20, (source, at, target, to) => {
  const d = half(source, at);
  const m = half(source, at + 2);
  for (let i = 0; i < 16; i++) {
    const q = source[at + 4 + i]!;
    target[to + i] = Math.fround(d * (q & 15)) + m;
    target[to + 16 + i] = Math.fround(d * (q >> 4)) + m;
  }
});

/** Block: scale; 4 bytes of fifth bits, bit i for value i; 16 bytes as in Q4_0. x = d (q − 16) */
export const q5_0 = blocks("Q5_0", 32, 22, (source, at, target, to) => {
  const d = half(source, at);
  const high = uint32(source, at + 2);
  for (let i = 0; i < 16; i++) {
    const q = source[at + 6 + i]!;
    target[to + i] = d * (((q & 15) | fifthBit(high, i)) - 16);
    target[to + 16 + i] = d * (((q >> 4) | fifthBit(high, i + 16)) - 16);
  }
});

/** Block: scale, minimum; 4 bytes of fifth bits; 16 bytes as in Q4_0. x = d q + m */
export const q5_1 = blocks("Q5_1", 32, 24, (source, at, target, to) => {
  const d = half(source, at);
  const m = half(source, at + 2);
  const high = uint32(source, at + 4);
  for (let i = 0; i < 16; i++) {
    const q = source[at + 8 + i]!;
    const low = (q & 15) | fifthBit(high, i);
    const upper = (q >> 4) | fifthBit(high, i + 16);
    target[to + i] = Math.fround(d * low) + m;
    target[to + 16 + i] = Math.fround(d * upper) + m;
  }
});

/** Block: scale; 32 signed bytes. x = d q */
export const q8_0 = blocks("Q8_0", 32, 34, (source, at, target, to) => {
  const d = half(source, at);
  for (let i = 0; i < 32; i++) target[to + i] = d * signed(source[at + 2 + i]!);
});

/**
 * Block of 256 = 8 groups of 32: scale of the scales, scale of the minima (2 bytes each); 12 bytes
 * with a 6-bit scale and minimum per group (`groupScales`); 128 bytes, each run of 32 holding one
 * group in its low halves and the next in its high halves. x = (d s) q − (dmin m)
 */
export const q4_k = blocks("Q4_K", 256, 144, (source, at, target, to) => {
  const { scales, minima } = groupScales(source, at);
  for (let group = 0; group < 8; group++) {
    const run = at + 16 + 32 * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < 32; i++) {
      const q = (source[run + i]! >> shift) & 15;
      target[to + 32 * group + i] =
        Math.fround(scales[group]! * q) - minima[group]!;
    }
  }
});

/** As Q4_K, with 32 bytes of fifth bits before the low bits: bit g of byte i belongs to value i of group g. */
export const q5_k = blocks("Q5_K", 256, 176, (source, at, target, to) => {
  const { scales, minima } = groupScales(source, at);
  for (let group = 0; group < 8; group++) {
    const run = at + 48 + 32 * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < 32; i++) {
      const fifth = ((source[at + 16 + i]! >> group) & 1) << 4;
      const q = ((source[run + i]! >> shift) & 15) | fifth;
      target[to + 32 * group + i] =
        Math.fround(scales[group]! * q) - minima[group]!;
    }
  }
});

/**
 * Block of 256 = 16 groups of 16: 128 bytes of low four bits, 64 bytes of upper two bits, 16 signed
 * scales, scale of the scales. In each half of 128 values, value 32 k + i has its low bits in byte
 * 32 (k mod 2) + i, in the half (k div 2) of it, and its upper bits in byte i, at 2 k.
 * x = (d s) (q − 32)
 */
export const q6_k = blocks("Q6_K", 256, 210, (source, at, target, to) => {
  const d = half(source, at + 208);
  for (let value = 0; value < 256; value++) {
    const part = value >> 7;
    const k = (value >> 5) & 3;
    const i = value & 31;
    const low = source[at + 64 * part + 32 * (k & 1) + i]! >> (4 * (k >> 1));
    const upper = source[at + 128 + 32 * part + i]! >> (2 * k);
    const q = (low & 15) | ((upper & 3) << 4);
    const scale = Math.fround(d * signed(source[at + 192 + (value >> 4)]!));
    target[to + value] = scale * (q - 32);
  }
});

/**
 * The 6-bit scales and minima of Q4_K and Q5_K, times their own scales. Of the 12 bytes the first
 * four hold the scales of groups 0 … 3 in their low six bits, the next four the minima; groups
 * 4 … 7 have their low four bits in the last four bytes (scale below, minimum above) and their
 * upper two bits in the upper two bits of the first eight.
 */
function groupScales(source: Uint8Array, at: number) {
  const d = half(source, at);
  const dmin = half(source, at + 2);
  const scales = new Float32Array(8);
  const minima = new Float32Array(8);
  for (let group = 0; group < 4; group++) {
    const scale = source[at + 4 + group]!;
    const minimum = source[at + 8 + group]!;
    const rest = source[at + 12 + group]!;
    scales[group] = d * (scale & 63);
    minima[group] = dmin * (minimum & 63);
    scales[group + 4] = d * ((rest & 15) | ((scale >> 6) << 4));
    minima[group + 4] = dmin * ((rest >> 4) | ((minimum >> 6) << 4));
  }
  return { scales, minima };
}

type DecodeBlock = (
  source: Uint8Array,
  at: number,
  target: Float32Array,
  to: number,
) => void;

export function blocks(
  name: string,
  values: number,
  bytes: number,
  decodeBlock: DecodeBlock,
): NumberType {
  return {
    name,
    values,
    bytes,
    decode(source, target) {
      for (let at = 0, to = 0; to < target.length; at += bytes, to += values)
        decodeBlock(source, at, target, to);
    },
  };
}

let halves: Float32Array | undefined;

export function half(source: Uint8Array, at: number): number {
  halves ??= Float32Array.from({ length: 1 << 16 }, (_, bits) =>
    fromFloat16(bits),
  );
  return halves[source[at]! | (source[at + 1]! << 8)]!;
}

function uint32(source: Uint8Array, at: number): number {
  return (
    source[at]! |
    (source[at + 1]! << 8) |
    (source[at + 2]! << 16) |
    (source[at + 3]! << 24)
  );
}

function fifthBit(bits: number, index: number): number {
  return ((bits >>> index) & 1) << 4;
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}
