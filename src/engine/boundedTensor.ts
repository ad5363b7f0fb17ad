import type { Weights } from "./weights";

/** A gate's numbers are far smaller; from larger ones no probabilities could be computed. */
const largestNumber = 80;

/**
 * The values of one of a gate's tensors.
 *
 * @throws Error if it is missing, has another number of values or unusable ones
 */
export function boundedTensor(
  weights: Weights,
  name: string,
  length: number,
): Float32Array {
  const values = weights.float32(name);
  if (values.length !== length)
    throw new Error(`${name} has ${values.length} values instead of ${length}`);
  if (!values.every((value) => Math.abs(value) <= largestNumber))
    throw new Error(`${name} has a value that is too large or no number`);
  return values;
}
