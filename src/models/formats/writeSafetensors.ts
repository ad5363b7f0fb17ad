import type { Weights } from "../../engine/weights";
import { encodeFp16, type Encoder } from "./encode";
import { writeFile } from "./fileWriter";
import { sizeOf } from "./tensorView";

/** Tensors that can be listed, as every reader here can. */
export interface NamedWeights extends Weights {
  names(): string[];
}

const typeNames: Readonly<Record<string, string>> = {
  FP64: "F64",
  FP32: "F32",
  FP16: "F16",
  BF16: "BF16",
};

/**
 * Writes tensors under the names and in the layouts that `weights` gives them (format:
 * huggingface/safetensors README), one tensor in memory at a time.
 *
 * @param metadata free text, for example the licence
 */
export function writeSafetensors(
  path: string,
  weights: NamedWeights,
  encoder: Encoder = encodeFp16,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const names = weights.names();
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const name of names) {
    const shape = weights.dims(name);
    const end = offset + sizeOf(shape) * encoder.type.bytes;
    header[name] = {
      dtype: typeNames[encoder.type.name],
      shape,
      data_offsets: [offset, end],
    };
    offset = end;
  }
  writeFile(path, (file) => {
    const json = Buffer.from(JSON.stringify(header));
    // The data begins at a multiple of eight, by spaces after the JSON.
    const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, " ");
    json.copy(padded);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));
    file.write(length);
    file.write(padded);
    for (const name of names) file.write(encoder.encode(weights.float32(name)));
  });
}
