import { message } from "../../messages";
import { quoted, type ByteFile } from "./byteFile";
import { Checkpoint, type MetadataValue } from "./checkpoint";
import { Cursor } from "./cursor";
import {
  fp16,
  fp32,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q8_0,
  type NumberType,
} from "./dequantise";
import { officialFromRwkvCpp } from "./rwkvCppNames";
import { mostTensors, storedTensor, type StoredTensor } from "./tensorView";

/**
 * rwkv.cpp's `.bin` (docs/FILE_FORMAT.md in RWKV/rwkv.cpp): a header of six numbers, then the tensors up
 * to the end of the file, each with a small header.
 */
export const rwkvCppMagic = 0x67676d66;

/** rwkv.cpp's numbers for types. 4 to 6 stood for types that were removed before a stable release. */
const types: ReadonlyMap<number, NumberType> = new Map([
  [0, fp32],
  [1, fp16],
  [2, q4_0],
  [3, q4_1],
  [7, q5_0],
  [8, q5_1],
  [9, q8_0],
]);

/** The longest name of a tensor, in bytes. */
const longestName = 256;

/**
 * Opens an rwkv.cpp file as a checkpoint with official names and layouts.
 *
 * @throws ModelError if the file is damaged or of an old version
 */
export function openRwkvCpp(file: ByteFile): Checkpoint {
  const cursor = new Cursor(file, 0);
  if (cursor.uint32(message("magic number")) !== rwkvCppMagic)
    throw file.error(0, message("not rwkv.cpp"));
  const version = cursor.uint32(message("version"));
  if (version !== 100 && version !== 101)
    throw file.error(
      4,
      message("format version", version),
      message("convert with rwkv.cpp"),
    );
  const metadata = new Map<string, MetadataValue>([["version", version]]);
  for (const key of ["n_vocab", "n_embed", "n_layer"])
    metadata.set(key, cursor.uint32(key));
  const format = numberType(file, cursor, version);

  const tensors = new Map<string, StoredTensor>();
  while (cursor.position < file.size) {
    const start = cursor.position;
    if (tensors.size === mostTensors)
      throw file.error(start, message("more tensors", mostTensors));
    const rank = cursor.uint32(message("dimensions"));
    const nameLength = cursor.uint32(message("tensor name"));
    if (rank < 1 || rank > 3)
      throw file.error(start, message("a tensor's rank", rank));
    if (nameLength < 1 || nameLength > longestName) {
      throw file.error(
        start + 4,
        message("a tensor's name length", nameLength),
      );
    }
    const type = numberType(file, cursor, version);
    const dims: number[] = [];
    // ggml lists the innermost dimension first.
    for (let i = 0; i < rank; i++)
      dims.unshift(cursor.uint32(message("dimension")));
    const name = cursor.text(nameLength, message("tensor name"));
    if (tensors.has(name))
      throw file.error(start, message("tensor twice", quoted(name)));
    const tensor = storedTensor(file, name, type, dims, cursor.position);
    tensors.set(name, tensor);
    cursor.position += tensor.bytes;
  }
  const official = officialFromRwkvCpp(file, tensors);
  return new Checkpoint([file], {
    container: "rwkv.cpp",
    format: format.name,
    metadata,
    tensors: official,
  });
}

/** Reads the number of a type. @param version of the file: 100 had other blocks than are read here */
function numberType(
  file: ByteFile,
  cursor: Cursor,
  version: number,
): NumberType {
  const number = cursor.uint32(message("number type"));
  const type = types.get(number);
  if (type === undefined) {
    throw file.error(
      cursor.position - 4,
      message("rwkv.cpp type", number),
      message("convert with rwkv.cpp"),
    );
  }
  if (version === 100 && type.values > 1) {
    throw file.refusal(message("old blocks", type.name));
  }
  return type;
}
