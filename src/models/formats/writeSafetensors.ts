import type { Weights } from "../../engine/weights";
import { encodeFp16, type Encoder } from "./encode";
import { writeFile } from "./fileWriter";
import { sizeOf } from "./tensorView";

/** Weights that can list the names of their tensors. */
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
 * Writes all tensors of `weights`, with one in memory at a time (format: huggingface/safetensors
 * README).
 *
 * @param encoder of a plain float type
 * @param metadata free text by key, for example the licence
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
    // Spaces after the JSON align the data to eight bytes.
    const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, " ");
    json.copy(padded);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(padded.length));
    file.write(length);
    file.write(padded);
    for (const name of names) file.write(encoder.encode(weights.float32(name)));
  });
}
