import { toFloat16, fromFloat16 } from "../../engine/float16";
import { q8_0 } from "../formats/dequantise";
import type { Encoder } from "../formats/encode";

/**
 * Encodes as ggml does (`quantize_row_q8_0_ref` in ggml-quants.c). A block is a half-precision scale d
 * and 32 int8 q: x = d q.
 */
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
      // If half precision rounds the scale to 0, all values of the block become 0.
      const inverse = fromFloat16(stored) === 0 ? 0 : 1 / scale;
      view.setUint16(to, stored, true);
      for (let i = 0; i < q8_0.values; i++)
        view.setInt8(to + 2 + i, Math.round(values[from + i]! * inverse));
    }
    return bytes;
  },
};
