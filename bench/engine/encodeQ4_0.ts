import { toFloat16 } from "../../src/engine/float16";
import { quantise } from "../../src/engine/quantise";
import { q4_0 } from "../../src/models/formats/dequantise";
import type { Encoder } from "../../src/models/formats/encode";

/** ggml's Q4_0 with the numbers that our own 4 bits hold; only the scales are rounded to half precision. */
export const encodeQ4_0: Encoder = {
  type: q4_0,
  encode(values) {
    const { packed, scales } = quantise(values, 4, q4_0.values);
    const level = (i: number) => (packed[i >> 1]! >> (4 * (i & 1))) & 15;
    const bytes = new Uint8Array(scales.length * q4_0.bytes);
    const view = new DataView(bytes.buffer);
    scales.forEach((scale, block) => {
      const at = block * q4_0.bytes;
      const from = block * q4_0.values;
      view.setUint16(at, toFloat16(scale), true);
      for (let i = 0; i < 16; i++)
        bytes[at + 2 + i] = level(from + i) | (level(from + 16 + i) << 4);
    });
    return bytes;
  },
};
