import type { Quantisation } from "../../engine/quantise";
import { isTable } from "./comparisonWeights";
import { countOf, sumOver } from "../formats/parameterCount";
import type { NamedWeights } from "../formats/writeSafetensors";
import { matrixBytes } from "../matrixBytes";

/** Sizes of the files that an import writes, estimated from the shapes of a checkpoint's tensors. */

/** An upper bound of the bytes that the package's weights take. */
export function weightBytes(
  weights: NamedWeights,
  quantisation: Quantisation,
): number {
  const tied = weights.has("head.weight") ? 0 : countOf(weights, "emb.weight");
  return (
    sumOver(
      weights,
      (name) =>
        countOf(weights, name) * bytesPerValue(weights, name, quantisation),
    ) +
    tied * matrixBytes[quantisation] +
    // For alignment, and for vectors that the graph stores in two forms.
    weights.names().length * 64 +
    (1 << 20)
  );
}

/** Bytes that a comparison writes in total: the blocks in float32 and quantised, the head quantised. */
export function comparisonBytes(
  weights: NamedWeights,
  quantisation: Quantisation,
): number {
  const blocks = sumOver(weights, (name) =>
    isBlocks(name)
      ? countOf(weights, name) *
        (4 + bytesPerValue(weights, name, quantisation))
      : 0,
  );
  return blocks + headBytes(weights, quantisation);
}

/** The most bytes that a comparison takes on the disk at a time: a float32 block or the quantised head. */
export function largestStage(
  weights: NamedWeights,
  quantisation: Quantisation,
): number {
  const blocks = new Map<string, number>();
  for (const name of weights.names().filter(isBlocks)) {
    const block = name.split(".")[1]!;
    const bytes = 4 * countOf(weights, name);
    blocks.set(block, (blocks.get(block) ?? 0) + bytes);
  }
  return Math.max(headBytes(weights, quantisation), ...blocks.values());
}

/** Whether a tensor belongs to a block and a comparison writes all its rows. */
function isBlocks(name: string): boolean {
  return name.startsWith("blocks.") && !isTable(name);
}

function headBytes(weights: NamedWeights, quantisation: Quantisation): number {
  const name = weights.has("head.weight") ? "head.weight" : "emb.weight";
  return countOf(weights, name) * matrixBytesOf(weights, name, quantisation);
}

function bytesPerValue(
  weights: NamedWeights,
  name: string,
  quantisation: Quantisation,
): number {
  if (quantisation === "none") return 4;
  // Lookup tables are stored in half precision.
  if (isTable(name)) return 2;
  const isMatrix = name.endsWith(".weight") && weights.dims(name).length === 2;
  return isMatrix ? matrixBytesOf(weights, name, quantisation) : 4;
}

/** Bytes per value of a matrix; one whose rows are no multiple of 32 long is not quantised. */
function matrixBytesOf(
  weights: NamedWeights,
  name: string,
  quantisation: Quantisation,
): number {
  return weights.dims(name)[1]! % 32 === 0 ? matrixBytes[quantisation] : 4;
}
