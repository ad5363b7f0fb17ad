import { message, ToldError } from "../../messages";
import { parseBoundedJson } from "../../files/boundedJson";
import type { Weights } from "../../engine/weights";
import { opening, quoted, type ByteFile } from "./byteFile";
import {
  Checkpoint,
  formatOf,
  type MetadataValue,
  type TensorFile,
} from "./checkpoint";
import { bf16, fp16, fp32, fp64, type NumberType } from "./dequantise";
import { duplicateKey } from "./jsonKeys";
import {
  mostTensors,
  refuseOverlap,
  storedTensor,
  type StoredTensor,
} from "./tensorView";

/**
 * `.safetensors` (format: huggingface/safetensors README): eight bytes with the length of the header; a
 * JSON header with type, shape and offsets of every tensor; the tensors.
 *
 * The header may be hostile, so its sizes are compared with the file's real size before memory is
 * allocated for them.
 */
const types: ReadonlyMap<unknown, NumberType> = new Map([
  ["F64", fp64],
  ["F32", fp32],
  ["F16", fp16],
  ["BF16", bf16],
]);

/** The largest header that is read, in bytes. When it is parsed, JSON takes many times its size. */
const longestHeader = 8 << 20;
/** Limits of a header. It has about nine values per tensor, and a few thousand tensors. */
const headerBounds = { depth: 8, values: 1 << 20 };

/** A safetensors file, with the file's own names of tensors. */
export class Safetensors implements Weights {
  private readonly checkpoint: Checkpoint;

  /** @throws ModelError if the file cannot be read or is not well-formed. */
  constructor(path: string) {
    this.checkpoint = opening(path, (file) => {
      const { tensors, metadata } = readSafetensors(file);
      return new Checkpoint([file], {
        container: "safetensors",
        format: formatOf(tensors),
        metadata,
        tensors,
      });
    });
  }

  names(): string[] {
    return this.checkpoint.names();
  }

  has(name: string): boolean {
    return this.checkpoint.has(name);
  }

  dims(name: string): readonly number[] {
    return this.checkpoint.dims(name);
  }

  float32(name: string): Float32Array {
    return this.checkpoint.float32(name);
  }

  close(): void {
    this.checkpoint.close();
  }
}

/** Reads the metadata and the list of tensors, under the file's own names. @throws ModelError */
export function readSafetensors(file: ByteFile): TensorFile {
  const length = Number(
    file.read(0, 8, message("header length")).readBigUInt64LE(),
  );
  if (length > longestHeader)
    throw file.error(0, message("header too long", length));
  const json = file.read(8, length, message("header")).toString("utf8");
  let header: unknown;
  try {
    header = parseBoundedJson(json, headerBounds, message("header"));
  } catch (error) {
    throw error instanceof ToldError ? file.error(8, error.told) : error;
  }
  if (typeof header !== "object" || header === null || Array.isArray(header))
    throw file.error(8, message("header no object"));
  const twice = duplicateKey(json);
  if (twice !== undefined)
    throw file.error(8, message("header twice", quoted(twice)));

  const entries = Object.entries(header);
  if (entries.length > mostTensors)
    throw file.error(8, message("header tensors", entries.length));
  const tensors = new Map<string, StoredTensor>();
  const metadata = new Map<string, MetadataValue>();
  for (const [name, value] of entries) {
    if (name === "__metadata__") {
      for (const [key, text] of Object.entries((value ?? {}) as object))
        metadata.set(key, String(text));
    } else {
      const tensor = readEntry(file, name, value, 8 + length);
      if (tensor !== undefined) tensors.set(name, tensor);
    }
  }
  refuseOverlap(
    file,
    [...tensors].map(([name, { offset, bytes }]) => ({ name, offset, bytes })),
  );
  return { container: "safetensors", tensors, metadata };
}

/**
 * The tensor that an entry of the header describes; undefined for a scalar of a type that is not read,
 * which is a counter that was saved with the weights.
 *
 * @param value the entry
 * @param data offset of the tensors in the file, in bytes
 */
function readEntry(
  file: ByteFile,
  name: string,
  value: unknown,
  data: number,
): StoredTensor | undefined {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (value ?? {}) as Record<string, unknown>;
  const label = message("tensor", quoted(name));
  const type = types.get(dtype);
  if (type === undefined) {
    if (Array.isArray(shape) && shape.length === 0) return undefined;
    throw file.error(
      8,
      message("tensor data type", label, quoted(String(dtype))),
      message("save in these"),
    );
  }
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw file.error(8, message("tensor offsets", label));
  }
  const [start, end] = [data + offsets[0]!, data + offsets[1]!];
  const tensor = storedTensor(file, name, type, shape, start);
  if (end - start !== tensor.bytes) {
    throw file.error(
      start,
      message("tensor bytes", label, end - start, tensor.bytes),
    );
  }
  return tensor;
}

function isSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= 8 &&
    value.every((n) => Number.isSafeInteger(n) && n >= 0)
  );
}
