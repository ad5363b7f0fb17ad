import { fp64 } from "../../../../src/models/formats/dequantise";
import type { Encoder } from "../../../../src/models/formats/encode";

/** Double precision, which nothing here writes but its tests. */
export const encodeFp64: Encoder = {
  type: fp64,
  encode: (values) => new Uint8Array(Float64Array.from(values).buffer),
};
