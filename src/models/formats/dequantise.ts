import { fromFloat16 } from "../../engine/float16";

/**
 * A number type of checkpoints, and how it is decoded: a plain float or one of ggml's block formats.
 * The layouts of blocks are those of the structs `block_q4_0` … `block_q6_K` in `ggml-common.h`
 * (ggml-org/ggml). The decoded values equal those of the Python package `gguf` (`quants`) bit for bit.
 * Everything is little-endian, as are the machines that this runs on.
 *
 * In the descriptions of blocks, x is a decoded value, q its stored integer, d a scale and m a minimum.
 * Scales and minima are half-precision floats unless another size is given. Products are rounded to
 * single precision where ggml rounds them.
 */
export interface NumberType {
  /** As users know it: FP64, FP32, FP16, BF16, Q4_0 … IQ4_XS. */
  readonly name: string;
  /** Number of values in a block; 1 for plain floats. */
  readonly values: number;
  /** Size of a block in bytes. */
  readonly bytes: number;
  /** Decodes whole blocks. `source` has exactly the blocks of `target`. */
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

/** Values are rounded to single precision, the precision of all weights that are read. */
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

/** A BF16 is the upper half of a float32. */
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

/**
 * Block of 32: d (2 bytes); 16 bytes with q of values 0 … 15 in their low halves and of 16 … 31 in their
 * high halves. x = d (q − 8)
 */
export const q4_0 = blocks("Q4_0", 32, 18, (source, at, target, to) => {
  const d = half(source, at);
  for (let i = 0; i < 16; i++) {
    const q = source[at + 2 + i]!;
    target[to + i] = d * ((q & 15) - 8);
    target[to + 16 + i] = d * ((q >> 4) - 8);
  }
});

/** Block of 32: d, m (2 bytes each); 16 bytes as in Q4_0. x = d q + m */
export const q4_1 = blocks("Q4_1", 32, 20, (source, at, target, to) => {
  const d = half(source, at);
  const m = half(source, at + 2);
  for (let i = 0; i < 16; i++) {
    const q = source[at + 4 + i]!;
    target[to + i] = Math.fround(d * (q & 15)) + m;
    target[to + 16 + i] = Math.fround(d * (q >> 4)) + m;
  }
});

/** Block of 32: d; 4 bytes of fifth bits, bit i for value i; 16 bytes as in Q4_0. x = d (q − 16) */
export const q5_0 = blocks("Q5_0", 32, 22, (source, at, target, to) => {
  const d = half(source, at);
  const high = uint32(source, at + 2);
  for (let i = 0; i < 16; i++) {
    const q = source[at + 6 + i]!;
    target[to + i] = d * (((q & 15) | fifthBit(high, i)) - 16);
    target[to + 16 + i] = d * (((q >> 4) | fifthBit(high, i + 16)) - 16);
  }
});

/** Block of 32: d, m; 4 bytes of fifth bits as in Q5_0; 16 bytes as in Q4_0. x = d q + m */
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

/** Block of 32: d; 32 signed bytes q. x = d q */
export const q8_0 = blocks("Q8_0", 32, 34, (source, at, target, to) => {
  const d = half(source, at);
  for (let i = 0; i < 32; i++) target[to + i] = d * signed(source[at + 2 + i]!);
});

/**
 * Block of 256 = 8 groups of 32: the scale d of the scales, the scale dmin of the minima (2 bytes each);
 * 12 bytes with a 6-bit scale s and a 6-bit minimum m per group (`groupScales`); 128 bytes, of which
 * each 32 have q of one group in their low halves and of the next group in their high halves.
 * x = (d s) q − (dmin m)
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

/**
 * As Q4_K, with 32 bytes of fifth bits before the 128 bytes: bit g of byte i is that of value i in
 * group g.
 */
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
 * Block of 256 = 16 groups of 16: 128 bytes of low four bits, 64 bytes of upper two bits, 16 scales s
 * (signed bytes, one per group), the scale d of the scales. Each half of the block (128 values, 64 bytes
 * of low bits, 32 of upper bits) is laid out alike. Its value 32 k + i has its low bits in byte
 * 32 (k mod 2) + i, in the lower half if k < 2, else in the upper; its upper bits are in byte i, from
 * bit 2 k on. x = (d s) (q − 32)
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
 * The products d s and dmin m for the 8 groups of a block of Q4_K or Q5_K. In the 12 bytes of 6-bit
 * numbers, bytes 0 … 3 have the scales of groups 0 … 3 in their low six bits, bytes 4 … 7 the minima.
 * Of groups 4 … 7, the low four bits are in bytes 8 … 11 (scale in the low half, minimum in the high
 * half). Their upper two bits are the upper two bits of bytes 0 … 3 (scales) and 4 … 7 (minima).
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

/** Decodes the block at byte `at` of `source` into the values from `to` on. */
type DecodeBlock = (
  source: Uint8Array,
  at: number,
  target: Float32Array,
  to: number,
) => void;

/** A block format: `bytes` bytes encode `values` values. */
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

/** The values of all 65,536 half-precision floats. */
let halves: Float32Array | undefined;

/** The half-precision float at byte `at`. */
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

/** Bit `index` of `bits`, as the fifth bit of a number. */
function fifthBit(bits: number, index: number): number {
  return ((bits >>> index) & 1) << 4;
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}
