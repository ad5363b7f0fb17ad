import type { Quantisation } from "../engine/quantise";
import type { NamedWeights } from "./formats/writeSafetensors";

/** Sizes of what a checkpoint becomes, from the shapes of its tensors alone. */

export function parametersOf(weights: NamedWeights): number {
  return sum(weights, (name) => countOf(weights, name));
}

/** Values of the largest tensor. */
export function largestTensor(weights: NamedWeights): number {
  return weights
    .names()
    .reduce((most, name) => Math.max(most, countOf(weights, name)), 0);
}

/** Bytes that the package's weights take, a little more rather than less. */
export function weightBytes(
  weights: NamedWeights,
  quantisation: Quantisation,
): number {
  const tied = weights.has("head.weight") ? 0 : countOf(weights, "emb.weight");
  return (
    sum(
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

/** Bytes of the layers in single precision, without the tables that have a row a token. */
export function exactBytes(weights: NamedWeights): number {
  const isTable = (name: string) =>
    /^(emb|head)\.weight$|\.s_emb\.weight$/.test(name);
  return sum(weights, (name) =>
    isTable(name) ? 0 : 4 * countOf(weights, name),
  );
}

/** Blocks of 32 share a scale of four bytes. */
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
  if (name === "emb.weight" || name.endsWith(".s_emb.weight")) return 2;
  const dims = weights.dims(name);
  const isMatrix = name.endsWith(".weight") && dims.length === 2;
  return isMatrix && dims[1]! % 32 === 0 ? matrixBytes[quantisation] : 4;
}

function sum(weights: NamedWeights, of: (name: string) => number): number {
  return weights.names().reduce((total, name) => total + of(name), 0);
}

function countOf(weights: NamedWeights, name: string): number {
  return weights.dims(name).reduce((product, dim) => product * dim, 1);
}
