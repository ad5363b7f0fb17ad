import { toFloat16, fromFloat16 } from "../../engine/float16";
import { q8_0 } from "../formats/dequantise";
import type { Encoder } from "../formats/encode";

/** ggml's Q8_0 (`quantize_row_q8_0_ref` in ggml-quants.c): blocks of a half-precision scale and 32 int8. */
export const encodeQ8_0: Encoder = {
  type: q8_0,
  encode(values) {
    const blocks = values.length / q8_0.values;
    const bytes = new Uint8Array(blocks * q8_0.bytes);
    const view = new DataView(bytes.buffer);
    for (let block = 0; block < blocks; block++) {
      const from = block * q8_0.values;
      const to = block * q8_0.bytes;
      let greatest = 0;
      for (let i = 0; i < q8_0.values; i++)
        greatest = Math.max(greatest, Math.abs(values[from + i]!));
      const scale = greatest / 127;
      const stored = toFloat16(scale);
      // A scale that half precision rounds to 0 makes the block 0.
      const inverse = fromFloat16(stored) === 0 ? 0 : 1 / scale;
      view.setUint16(to, stored, true);
      for (let i = 0; i < q8_0.values; i++)
        view.setInt8(to + 2 + i, Math.round(values[from + i]! * inverse));
    }
    return bytes;
  },
};
