import { message, type Message } from "../../messages";
import type { ModelError } from "../modelError";
import { quoted, type ByteFile } from "./byteFile";
import { Checkpoint, formatOf, type MetadataValue } from "./checkpoint";
import { Cursor } from "./cursor";
import {
  bf16,
  fp16,
  fp32,
  fp64,
  q4_0,
  q4_1,
  q4_k,
  q5_0,
  q5_1,
  q5_k,
  q6_k,
  q8_0,
  type NumberType,
} from "./dequantise";
import { iq4_nl, iq4_xs, q2_k, q3_k } from "./dequantiseLow";
import { officialFromGguf } from "./ggufNames";
import { GgufValues } from "./ggufValues";
import {
  mostTensors,
  refuseOverlap,
  storedTensor,
  type StoredTensor,
} from "./tensorView";

/**
 * GGUF, versions 2 and 3 (`docs/gguf.md` in ggml-org/ggml): the number of tensors and of metadata keys,
 * the metadata, a list of tensors, and their data from the next multiple of the alignment on. The magic
 * number is "GGUF".
 */
export const ggufMagic = 0x46554747;
/** In bytes, where `general.alignment` is missing. */
export const defaultAlignment = 32;

/** The types that are read, by ggml's numbers (enum ggml_type). */
export const ggmlTypes: ReadonlyMap<number, NumberType> = new Map([
  [0, fp32],
  [1, fp16],
  [2, q4_0],
  [3, q4_1],
  [6, q5_0],
  [7, q5_1],
  [8, q8_0],
  [10, q2_k],
  [11, q3_k],
  [12, q4_k],
  [13, q5_k],
  [14, q6_k],
  [20, iq4_nl],
  [23, iq4_xs],
  [28, fp64],
  [30, bf16],
]);

/** The names of types that are not read. llama.cpp has removed 31 … 33 and 36 … 38. */
const otherTypes: ReadonlyMap<number, string> = new Map([
  [9, "Q8_1"],
  [15, "Q8_K"],
  [16, "IQ2_XXS"],
  [17, "IQ2_XS"],
  [18, "IQ3_XXS"],
  [19, "IQ1_S"],
  [21, "IQ3_S"],
  [22, "IQ2_S"],
  [24, "I8"],
  [25, "I16"],
  [26, "I32"],
  [27, "I64"],
  [29, "IQ1_M"],
  [31, "Q4_0_4_4"],
  [32, "Q4_0_4_8"],
  [33, "Q4_0_8_8"],
  [34, "TQ1_0"],
  [35, "TQ2_0"],
  [36, "IQ4_NL_4_4"],
  [37, "IQ4_NL_4_8"],
  [38, "IQ4_NL_8_8"],
  [39, "MXFP4"],
  [40, "NVFP4"],
  [41, "Q1_0"],
]);

/** The most metadata keys that a file may have. */
const mostKeys = 10_000;

/**
 * Opens a GGUF of RWKV-6 or 7 as a checkpoint with official names and layouts.
 *
 * @throws ModelError if the file is damaged, is a part of a model or holds no such model
 */
export function openGguf(file: ByteFile): Checkpoint {
  const { metadata, tensors } = readGguf(file);
  const split = metadata.get("split.count");
  if (typeof split === "number" && split > 1) {
    throw file.refusal(message("one of parts", split));
  }
  const official = officialFromGguf(file, metadata, tensors);
  return new Checkpoint([file], {
    container: "gguf",
    format: formatOf(tensors),
    metadata,
    tensors: official,
  });
}

/** Reads the metadata, and the list of tensors under llama.cpp's names. @throws ModelError */
function readGguf(file: ByteFile) {
  const cursor = new Cursor(file, 0);
  if (cursor.uint32(message("magic number")) !== ggufMagic)
    throw file.error(0, message("not GGUF"));
  const version = cursor.uint32(message("version"));
  if (version !== 2 && version !== 3) {
    throw file.error(
      4,
      version % (1 << 16) === 0
        ? message("big-endian")
        : message("GGUF version", version),
      message("convert with llama.cpp"),
    );
  }
  const tensorCount = cursor.uint64(message("number of tensors"));
  const keyCount = cursor.uint64(message("number of keys"));
  if (tensorCount > mostTensors)
    throw file.error(8, message("tensors claimed", tensorCount));
  if (keyCount > mostKeys)
    throw file.error(16, message("keys claimed", keyCount));

  const values = new GgufValues(file, cursor);
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < keyCount; i++) {
    const start = cursor.position;
    const key = values.text(message("metadata key", i));
    const type = cursor.uint32(message("metadata type"));
    if (metadata.has(key))
      throw file.error(start, message("metadata twice", quoted(key)));
    metadata.set(key, values.value(type, quoted(key)));
  }
  return {
    metadata,
    tensors: readTensors(file, cursor, values, tensorCount, metadata),
  };
}

function readTensors(
  file: ByteFile,
  cursor: Cursor,
  values: GgufValues,
  count: number,
  metadata: ReadonlyMap<string, MetadataValue>,
): Map<string, StoredTensor> {
  const entries = [];
  for (let i = 0; i < count; i++) {
    const start = cursor.position;
    const name = values.text(message("name of tensor", i));
    const label = message("tensor", quoted(name));
    const rank = cursor.uint32(message("dimensions"));
    if (rank < 1 || rank > 4)
      throw file.error(start, message("tensor rank", label, rank));
    const dims: number[] = [];
    // ggml lists the innermost dimension first.
    for (let axis = 0; axis < rank; axis++)
      dims.unshift(cursor.uint64(message("dimension of", label)));
    const typeNumber = cursor.uint32(message("number type"));
    const type = ggmlTypes.get(typeNumber);
    if (type === undefined) {
      throw unread(file, cursor.position - 4, label, typeNumber);
    }
    const offset = cursor.uint64(message("offset of", label));
    entries.push({ name, dims, type, offset, start });
  }
  const alignment = metadata.get("general.alignment") ?? defaultAlignment;
  if (
    typeof alignment !== "number" ||
    alignment < 1 ||
    alignment > 1 << 20 ||
    (alignment & (alignment - 1)) !== 0
  ) {
    throw file.error(24, message("alignment", String(alignment)));
  }
  const data = Math.ceil(cursor.position / alignment) * alignment;
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dims, type, offset, start } of entries) {
    if (tensors.has(name))
      throw file.error(
        start,
        message("tensor twice", message("tensor", quoted(name))),
      );
    tensors.set(name, storedTensor(file, name, type, dims, data + offset));
  }
  refuseOverlap(
    file,
    [...tensors].map(([name, { offset, bytes }]) => ({ name, offset, bytes })),
  );
  return tensors;
}

/** The error for a number type that is not read, or is unknown. */
function unread(
  file: ByteFile,
  offset: number,
  tensor: Message,
  number: number,
): ModelError {
  const type = otherTypes.get(number);
  if (type === undefined) {
    return file.error(
      offset,
      message("number type unknown", tensor, number),
      message("newer or another type"),
    );
  }
  const known = [...ggmlTypes.values()].map(({ name }) => name).join(", ");
  return file.error(
    offset,
    message("number type not read", tensor, type, known),
    message("import in these"),
  );
}
