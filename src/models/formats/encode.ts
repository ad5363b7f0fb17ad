import { toFloat16 } from "../../engine/float16";
import { fp16, fp32, type NumberType } from "./dequantise";

/** A number type that can be written. `dequantise.ts` describes the layouts. */
export interface Encoder {
  readonly type: NumberType;
  /**
   * Encodes whole blocks. The result may share memory with `values`.
   *
   * @param values their number is a multiple of `type.values`
   */
  encode(values: Float32Array): Uint8Array;
}

export const encodeFp32: Encoder = {
  type: fp32,
  encode: (values) =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
};

export const encodeFp16: Encoder = {
  type: fp16,
  encode(values) {
    // A plain loop: `Uint16Array.from` with a function takes ten times as long.
    const halves = new Uint16Array(values.length);
    for (let i = 0; i < values.length; i++) halves[i] = toFloat16(values[i]!);
    return new Uint8Array(halves.buffer);
  },
};
