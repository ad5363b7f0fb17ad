import { bytesOf, type GraphBuilder } from "./graph";

/** How the big matrices of a model are stored. */
export type Quantisation = "int8" | "int4" | "none";

/** Every matrix whose rows are a multiple of this is quantised. */
const smallestBlock = 32;

/**
 * Number of weights of a row that share one scale. The runtime's kernels take a fifth less time with
 * long blocks than with 32. The loss of eight bits does not measurably grow by it; that of four would.
 */
function blockLength(columns: number, bits: 8 | 4): number {
  if (bits === 4) return smallestBlock;
  let length = 256;
  while (columns % length !== 0) length /= 2;
  return length;
}

/**
 * y = x Wᵀ for a big matrix, quantised symmetrically by blocks along the input with ONNX Runtime's
 * contrib operator MatMulNBits (accuracy level 4: activations in 8 bits, too).
 *
 * @param x shape [1, T, columns]
 * @param weights shape [rows, columns], the layout of official checkpoints
 * @returns shape [1, T, rows]
 */
export function quantisedMatMul(
  graph: GraphBuilder,
  x: string,
  name: string,
  rows: number,
  columns: number,
  weights: Float32Array,
  quantisation: Quantisation,
): string {
  if (quantisation === "none" || columns % smallestBlock !== 0) {
    const transposed = graph.floats(
      name,
      [columns, rows],
      transpose(weights, rows, columns),
    );
    return graph.node("MatMul", [x, transposed]);
  }
  const bits = quantisation === "int8" ? 8 : 4;
  const block = blockLength(columns, bits);
  const blocks = columns / block;
  const { packed, scales } = quantise(weights, bits, block);
  return graph.node(
    "MatMulNBits",
    [
      x,
      graph.weight(
        `${name}.q`,
        "uint8",
        [rows, blocks, (block * bits) / 8],
        packed,
      ),
      graph.weight(`${name}.scale`, "float32", [rows, blocks], bytesOf(scales)),
    ],
    { K: columns, N: rows, bits, block_size: block, accuracy_level: 4 },
    "com.microsoft",
  );
}

/**
 * Symmetric blockwise quantisation: w ≈ scale · (q − 2^(bits−1)), with q unsigned and, at 4 bits,
 * two to a byte, the lower half first. `weights.length` is a multiple of `block`, which is even.
 */
export function quantise(
  weights: Float32Array,
  bits: 8 | 4,
  block: number,
): { packed: Uint8Array; scales: Float32Array } {
  const zero = 1 << (bits - 1);
  const greatest = zero - 1;
  const scales = new Float32Array(weights.length / block);
  const values = new Uint8Array(weights.length);
  for (let b = 0; b < scales.length; b++) {
    // The sign of the scale maps the largest weight to the negative side, which has one value more.
    let extreme = 0;
    for (let i = b * block; i < (b + 1) * block; i++) {
      if (Math.abs(weights[i]!) > Math.abs(extreme)) extreme = weights[i]!;
    }
    const scale = bits === 8 ? Math.abs(extreme) / greatest : -extreme / zero;
    scales[b] = scale;
    for (let i = b * block; i < (b + 1) * block; i++) {
      const q = scale === 0 ? 0 : Math.round(weights[i]! / scale);
      values[i] = Math.min(greatest, Math.max(-zero, q)) + zero;
    }
  }
  if (bits === 8) return { packed: values, scales };
  const packed = new Uint8Array(values.length / 2);
  for (let i = 0; i < packed.length; i++)
    packed[i] = values[2 * i]! | (values[2 * i + 1]! << 4);
  return { packed, scales };
}

/** [rows, columns] to [columns, rows]. */
function transpose(
  matrix: Float32Array,
  rows: number,
  columns: number,
): Float32Array {
  const result = new Float32Array(matrix.length);
  // A graph that is built without its weights has an empty matrix here.
  if (matrix.length === 0) return result;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column]!;
    }
  }
  return result;
}
