import type { NamedWeights } from "../../../../src/models/formats/writeSafetensors";

export interface Tensor {
  dims: readonly number[];
  values: Float32Array;
}

export type Tensors = ReadonlyMap<string, Tensor>;

/** Tensors that lie in memory, as weights. */
export class MemoryWeights implements NamedWeights {
  constructor(readonly tensors: Tensors) {}

  names(): string[] {
    return [...this.tensors.keys()];
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  dims(name: string): readonly number[] {
    return this.tensor(name).dims;
  }

  float32(name: string): Float32Array {
    return this.tensor(name).values.slice();
  }

  private tensor(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new Error(`there is no tensor ${name}`);
    return tensor;
  }
}

/** All tensors of `weights`, read into memory. */
export function inMemory(weights: NamedWeights): Map<string, Tensor> {
  return new Map(
    weights
      .names()
      .map((name) => [
        name,
        { dims: weights.dims(name), values: weights.float32(name) },
      ]),
  );
}

export function transpose({ dims, values }: Tensor): Tensor {
  const [rows, columns] = [dims.at(-2)!, dims.at(-1)!];
  const size = rows * columns;
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const within = i % size;
    const [row, column] = [Math.floor(within / columns), within % columns];
    result[i - within + column * rows + row] = values[i]!;
  }
  return { dims: [...dims.slice(0, -2), columns, rows], values: result };
}

/** One after the other, along a new or the outermost dimension. */
export function joined(
  parts: readonly Tensor[],
  dims: readonly number[],
): Tensor {
  const values = new Float32Array(
    parts.reduce((sum, part) => sum + part.values.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { dims, values };
}
