import type { Weights } from "../../src/engine/weights";

/** Tensors as the cases of `training/tests` hold them. */
export type CaseWeights = Readonly<
  Record<string, { dims: number[]; values: number[] }>
>;

export function weightsOf(tensors: CaseWeights): Weights {
  const find = (name: string) => {
    const tensor = tensors[name];
    if (tensor === undefined) throw new Error(`there is no ${name}`);
    return tensor;
  };
  return {
    has: (name) => name in tensors,
    dims: (name) => find(name).dims,
    float32: (name) => Float32Array.from(find(name).values),
  };
}
