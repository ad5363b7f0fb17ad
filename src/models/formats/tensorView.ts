import { message, type Argument, type Message } from "../../messages";
import { ModelError } from "../modelError";
import { quoted, shapeText, type ByteFile } from "./byteFile";
import type { NumberType } from "./dequantise";

/** A tensor whose values are read from a file on demand. */
export interface TensorView {
  /** File, offset and name, for errors. */
  readonly where: Message;
  /** The outermost dimension first, as in PyTorch. */
  readonly dims: readonly number[];
  /** The values in row-major order, as a new array. @throws ModelError if they cannot be read */
  float32(): Float32Array;
}

/** A tensor as it is stored in the file. */
export interface StoredTensor extends TensorView {
  readonly type: NumberType;
  /** Offset of its first byte in the file. */
  readonly offset: number;
  /** Bytes that it takes in the file. */
  readonly bytes: number;
}

/** The most tensors of a file: far more than any model has. Each entry of the list takes memory. */
export const mostTensors = 100_000;

/** Bytes that are read and decoded at a time. */
const pieceBytes = 1 << 20;

/**
 * A tensor whose values are stored in row-major order without gaps, from `offset` on.
 *
 * @throws ModelError unless its dimensions are positive and its bytes lie in the file
 */
export function storedTensor(
  file: ByteFile,
  name: string,
  type: NumberType,
  dims: readonly number[],
  offset: number,
): StoredTensor {
  const label = message("tensor", quoted(name));
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 1)
      throw file.error(
        offset,
        message("tensor dimensions", label, shapeText(dims)),
      );
  }
  const count = sizeOf(dims);
  // A block does not continue in the next row.
  if (type.values > 1 && (dims.at(-1) ?? 1) % type.values !== 0) {
    throw file.error(
      offset,
      message("tensor rows", label, String(dims.at(-1)), type.name),
    );
  }
  const bytes = (count / type.values) * type.bytes;
  file.check(offset, bytes, label);
  return {
    where: message("place", file.path, offset, label),
    dims: [...dims],
    type,
    offset,
    bytes,
    float32: () => readValues(file, label, type, offset, count),
  };
}

/** The number of values in a tensor of these dimensions. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/**
 * Reads and decodes `count` values from `offset` on. Only the result is as large as the tensor.
 *
 * @throws ModelError if the file ends before, or a value is NaN or infinite
 */
export function readValues(
  file: ByteFile,
  label: Message,
  type: NumberType,
  offset: number,
  count: number,
): Float32Array {
  const values = new Float32Array(count);
  const blocks = count / type.values;
  const blocksPerPiece = Math.max(1, Math.floor(pieceBytes / type.bytes));
  const bytes = new Uint8Array(Math.min(blocks, blocksPerPiece) * type.bytes);
  for (let block = 0; block < blocks; block += blocksPerPiece) {
    const now = Math.min(blocksPerPiece, blocks - block);
    const source = bytes.subarray(0, now * type.bytes);
    const start = offset + block * type.bytes;
    file.readInto(source, start, label);
    const target = values.subarray(
      block * type.values,
      (block + now) * type.values,
    );
    type.decode(source, target);
    refuseNonFinite(file, label, type, target, start);
  }
  return values;
}

/** Refuses NaN and infinity: one such weight would make every logit NaN. */
function refuseNonFinite(
  file: ByteFile,
  label: Message,
  type: NumberType,
  values: Float32Array,
  offset: number,
): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw file.error(
        offset + Math.floor(i / type.values) * type.bytes,
        message("tensor not finite", label, String(values[i])),
      );
    }
  }
}

/** @throws ModelError if two ranges of bytes overlap: no program writes that, and it can hide data. */
export function refuseOverlap(
  file: ByteFile,
  ranges: Iterable<{ name: string; offset: number; bytes: number }>,
): void {
  const sorted = [...ranges].sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < sorted.length; i++) {
    const [before, after] = [sorted[i - 1]!, sorted[i]!];
    if (before.offset + before.bytes > after.offset) {
      throw file.error(
        after.offset,
        message("overlap", quoted(before.name), quoted(after.name)),
      );
    }
  }
}

/** The same values with other dimensions. @throws ModelError unless the number of values is the same */
export function reshaped(
  view: TensorView,
  dims: readonly number[],
): TensorView {
  const fits =
    dims.every(Number.isInteger) && sizeOf(dims) === sizeOf(view.dims);
  if (!fits) throw misshapen(view, shapeText(dims));
  return { ...view, dims };
}

/** The values with the dimensions [1, 1, width], which vectors have in official checkpoints. */
export function asVector(view: TensorView): TensorView {
  return reshaped(view, [1, 1, sizeOf(view.dims)]);
}

/** The tensor with its last two dimensions swapped. @throws ModelError if it has fewer than two */
export function transposed(view: TensorView): TensorView {
  const dims = view.dims;
  if (dims.length < 2) throw misshapen(view, message("a matrix"));
  const [rows, columns] = [dims.at(-2)!, dims.at(-1)!];
  return {
    where: view.where,
    dims: [...dims.slice(0, -2), columns, rows],
    float32() {
      const values = view.float32();
      const result = new Float32Array(values.length);
      const matrix = rows * columns;
      for (let start = 0; start < values.length; start += matrix) {
        for (let row = 0; row < rows; row++) {
          const from = start + row * columns;
          for (let column = 0; column < columns; column++)
            result[start + column * rows + row] = values[from + column]!;
        }
      }
      return result;
    },
  };
}

/**
 * One of `count` equal parts along the outermost dimension, with new dimensions.
 *
 * @param index of the part, from 0
 * @param dims of the part
 * @throws ModelError unless all parts together have the values of the tensor
 */
export function part(
  view: TensorView,
  index: number,
  count: number,
  dims: readonly number[],
): TensorView {
  const size = sizeOf(dims);
  if (size * count !== sizeOf(view.dims))
    throw misshapen(view, `${count} × ${shapeText(dims)}`);
  return {
    where: view.where,
    dims,
    float32: () => view.float32().slice(index * size, (index + 1) * size),
  };
}

/**
 * The tensor with equal parts along its outermost dimension in another order.
 *
 * @param order part i of the result is part order[i] of the tensor
 * @throws ModelError if the dimension cannot be divided into `order.length` equal parts
 */
export function reordered(
  view: TensorView,
  order: readonly number[],
): TensorView {
  const size = sizeOf(view.dims) / order.length;
  if ((view.dims[0] ?? 1) % order.length !== 0)
    throw misshapen(view, message("equal parts", order.length));
  return {
    ...view,
    float32() {
      const values = view.float32();
      const result = new Float32Array(values.length);
      order.forEach((from, to) =>
        result.set(values.subarray(from * size, (from + 1) * size), to * size),
      );
      return result;
    },
  };
}

/**
 * The tensor with every value changed.
 *
 * @param change returns the new value, or why the old one is impossible: then `float32` throws a
 *   ModelError
 */
export function changed(
  view: TensorView,
  change: (value: number) => number | Message,
): TensorView {
  return {
    ...view,
    float32() {
      const values = view.float32();
      for (let i = 0; i < values.length; i++) {
        const value = change(values[i]!);
        if (typeof value === "object") {
          throw new ModelError({
            code: "tensor value",
            args: [view.where, values[i]!, value],
          });
        }
        values[i] = value;
      }
      return values;
    },
  };
}

function misshapen(view: TensorView, wanted: Argument): ModelError {
  return new ModelError({
    code: "tensor shape",
    args: [view.where, shapeText(view.dims), wanted],
  });
}
