import type { Quantisation } from "../../engine/quantise";
import { isTable } from "./comparisonWeights";
import { countOf, sumOver } from "../formats/parameterCount";
import type { NamedWeights } from "../formats/writeSafetensors";

/** Sizes of what a checkpoint becomes, from the shapes of its tensors alone. */

/** Bytes that the package's weights take, a little more rather than less. */
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
    // Alignment, and vectors that are stored in two forms.
    weights.names().length * 64 +
    (1 << 20)
  );
}

/** Bytes that a comparison writes: blocks in single precision and quantised, the head quantised. */
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

/** The most bytes that a comparison has on the disk at a time: a block, or the quantised head. */
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

/** Whether a tensor belongs to a block and keeps all rows in a comparison. */
function isBlocks(name: string): boolean {
  return name.startsWith("blocks.") && !isTable(name);
}

function headBytes(weights: NamedWeights, quantisation: Quantisation): number {
  const name = weights.has("head.weight") ? "head.weight" : "emb.weight";
  return countOf(weights, name) * matrixBytesOf(weights, name, quantisation);
}

/** Blocks of 32 or more share a scale of four bytes. */
const matrixBytes: Record<Quantisation, number> = {
  int8: 1 + 4 / 32,
  int4: 0.5 + 4 / 32,
  none: 4,
};

function bytesPerValue(
  weights: NamedWeights,
  name: string,
  quantisation: Quantisation,
): number {
  if (quantisation === "none") return 4;
  // Tables that are looked up are kept in half precision.
  if (isTable(name)) return 2;
  const isMatrix = name.endsWith(".weight") && weights.dims(name).length === 2;
  return isMatrix ? matrixBytesOf(weights, name, quantisation) : 4;
}

function matrixBytesOf(
  weights: NamedWeights,
  name: string,
  quantisation: Quantisation,
): number {
  return weights.dims(name)[1]! % 32 === 0 ? matrixBytes[quantisation] : 4;
}
