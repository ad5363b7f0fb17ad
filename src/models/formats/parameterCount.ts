import type { NamedWeights } from "./writeSafetensors";

/** The number of parameters of a checkpoint, from the shapes of its tensors. */
export function parametersOf(weights: NamedWeights): number {
  return sumOver(weights, (name) => countOf(weights, name));
}

/** The sum of a number over all tensors of a checkpoint, given by a function of their names. */
export function sumOver(
  weights: NamedWeights,
  of: (name: string) => number,
): number {
  return weights.names().reduce((total, name) => total + of(name), 0);
}

/** The number of values of one tensor. */
export function countOf(weights: NamedWeights, name: string): number {
  return weights.dims(name).reduce((product, dim) => product * dim, 1);
}
