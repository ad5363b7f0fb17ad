import { defaultAlignment, ggmlTypes, ggufMagic } from "./gguf";
import type { NumberType } from "./dequantise";
import { writeFile, type FileWriter } from "./fileWriter";
import { ggufValueTypes } from "./ggufValues";
import { sizeOf } from "./tensorView";

/** A metadata value with its type. The functions of `gguf` make them. */
export type GgufValue =
  | { type: "uint32" | "int32" | "float32"; value: number }
  | { type: "bool"; value: boolean }
  | { type: "string"; value: string | Uint8Array }
  | { type: "array"; items: "string"; value: readonly (string | Uint8Array)[] }
  | { type: "array"; items: "int32" | "float32"; value: readonly number[] };

export type GgufMetadata = ReadonlyMap<string, GgufValue>;

/** Makes metadata values. */
export const gguf = {
  uint32: (value: number): GgufValue => ({ type: "uint32", value }),
  float32: (value: number): GgufValue => ({ type: "float32", value }),
  bool: (value: boolean): GgufValue => ({ type: "bool", value }),
  text: (value: string): GgufValue => ({ type: "string", value }),
  texts: (value: readonly (string | Uint8Array)[]): GgufValue => ({
    type: "array",
    items: "string",
    value,
  }),
  int32s: (value: readonly number[]): GgufValue => ({
    type: "array",
    items: "int32",
    value,
  }),
};

export interface GgufTensor {
  name: string;
  /** The outermost dimension first, as in PyTorch. */
  dims: readonly number[];
  type: NumberType;
  /** The encoded values, made when they are written. */
  bytes(): Uint8Array;
}

/**
 * Writes a GGUF file of version 3, with one tensor in memory at a time.
 *
 * @throws Error if a tensor has a type that GGUF lacks, or the file cannot be written
 */
export function writeGgufFile(
  path: string,
  metadata: GgufMetadata,
  tensors: readonly GgufTensor[],
): void {
  writeFile(path, (file) => {
    file.write(uint32(ggufMagic));
    file.write(uint32(3));
    file.write(uint64(tensors.length));
    file.write(uint64(metadata.size));
    for (const [key, value] of metadata) {
      file.write(text(key));
      writeValue(file, value);
    }
    let offset = 0;
    for (const { name, dims, type } of tensors) {
      file.write(text(name));
      file.write(uint32(dims.length));
      for (const dim of [...dims].reverse()) file.write(uint64(dim));
      file.write(uint32(numberOf(type)));
      file.write(uint64(offset));
      const bytes = (sizeOf(dims) / type.values) * type.bytes;
      offset += Math.ceil(bytes / defaultAlignment) * defaultAlignment;
    }
    for (const tensor of tensors) {
      file.pad(defaultAlignment);
      file.write(tensor.bytes());
    }
    file.pad(defaultAlignment);
  });
}

/** ggml's number of a type. */
function numberOf(wanted: NumberType): number {
  for (const [number, type] of ggmlTypes) if (type === wanted) return number;
  throw new Error(`${wanted.name} is no type of GGUF`);
}

function writeValue(file: FileWriter, value: GgufValue): void {
  file.write(uint32(ggufValueTypes[value.type]));
  switch (value.type) {
    case "array":
      file.write(uint32(ggufValueTypes[value.items]));
      file.write(uint64(value.value.length));
      // One write for all items: a vocabulary has many small ones.
      file.write(
        Buffer.concat(
          value.items === "string"
            ? value.value.map(text)
            : value.value.map((item) => number(value.items, item)),
        ),
      );
      return;
    case "string":
      file.write(text(value.value));
      return;
    case "bool":
      file.write(Uint8Array.of(value.value ? 1 : 0));
      return;
    default:
      file.write(number(value.type, value.value));
  }
}

function number(type: "uint32" | "int32" | "float32", value: number): Buffer {
  const bytes = Buffer.alloc(4);
  if (type === "float32") bytes.writeFloatLE(value);
  else if (type === "int32") bytes.writeInt32LE(value);
  else bytes.writeUInt32LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  return number("uint32", value);
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** A string: its length in bytes, then the bytes. */
function text(value: string | Uint8Array): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([uint64(bytes.length), bytes]);
}
