import { bf16 } from "../../../../src/models/formats/dequantise";
import type { Encoder } from "../../../../src/models/formats/encode";

/** Rounded to nearest even. */
export const encodeBf16: Encoder = {
  type: bf16,
  encode(values) {
    const bits = new Uint32Array(
      values.buffer,
      values.byteOffset,
      values.length,
    );
    const upper = new Uint16Array(values.length);
    for (let i = 0; i < bits.length; i++) {
      const word = bits[i]!;
      upper[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
    }
    return new Uint8Array(upper.buffer);
  },
};
