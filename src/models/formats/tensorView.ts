import { message, type Argument, type Message } from "../../messages";
import { ModelError } from "../modelError";
import { quoted, shapeText, type ByteFile } from "./byteFile";
import type { NumberType } from "./dequantise";

/** A tensor in a file, its values read when they are asked for. */
export interface TensorView {
  /** File, name and place, for errors. */
  readonly where: Message;
  /** The outermost dimension first, as in PyTorch. */
  readonly dims: readonly number[];
  /** The values in row-major order, as a new array. */
  float32(): Float32Array;
}

/** A tensor as the file holds it. */
export interface StoredTensor extends TensorView {
  readonly type: NumberType;
  readonly offset: number;
  readonly bytes: number;
}

/** Far more than any model has; every tensor costs memory before it is read. */
export const mostTensors = 100_000;

/** Blocks are decoded in pieces of about this many bytes. */
const piece = 1 << 20;

/**
 * A tensor that lies in one piece at `offset`.
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
  // Blocks never run over the end of a row.
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

export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** Decodes `count` values from `offset` on; nothing but the result is as large as the tensor. */
export function readValues(
  file: ByteFile,
  label: Message,
  type: NumberType,
  offset: number,
  count: number,
): Float32Array {
  const values = new Float32Array(count);
  const blocks = count / type.values;
  const blocksPerPiece = Math.max(1, Math.floor(piece / type.bytes));
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

/** One weight that is NaN or infinite makes every logit NaN. */
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

/** @throws ModelError if two tensors share bytes, which no writer does and which can hide data. */
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

/** The same values under other dimensions, which must hold as many. */
export function reshaped(
  view: TensorView,
  dims: readonly number[],
): TensorView {
  const fits =
    dims.every(Number.isInteger) && sizeOf(dims) === sizeOf(view.dims);
  if (!fits) throw misshapen(view, shapeText(dims));
  return { ...view, dims };
}

/** [1, 1, width], as official checkpoints hold their vectors from RWKV-4 on. */
export function asVector(view: TensorView): TensorView {
  return reshaped(view, [1, 1, sizeOf(view.dims)]);
}

/** The last two dimensions swapped. */
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

/** Number `index` of `count` equal parts along the outermost dimension, under new dimensions. */
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

/** `order.length` equal parts along the outermost dimension in another order: part i is number order[i]. */
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

/** Every value changed by `change`, which may refuse one by returning a reason. */
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
