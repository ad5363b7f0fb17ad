import type { Weights } from "../../../src/engine/weights";

/** Double precision, one token at a time, nothing clever: what the graphs are measured against. */
export type Vector = Float64Array;

/** ε of the norms: in and before the blocks, before the head of the network, in each head of a block. */
export interface Epsilons {
  layer: number;
  out: number;
  head: number;
}

/** A network in recurrent form; it keeps its own state. */
export interface Recurrent {
  /** Reads one token. @returns the logits of the next, [V] */
  step(token: number): Vector;
}

export function map(x: Vector, f: (x: number, i: number) => number): Vector {
  return x.map(f);
}

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
export const silu = (x: number) => x * sigmoid(x);
export const squaredRelu = (x: number) => Math.max(x, 0) ** 2;

export function add(a: Vector, b: Vector): Vector {
  return a.map((x, i) => x + b[i]!);
}

export function mul(a: Vector, b: Vector): Vector {
  return a.map((x, i) => x * b[i]!);
}

/** The checkpoint's tensors in double precision, each read once. */
export class Tensors {
  private readonly cache = new Map<string, Vector>();

  constructor(
    readonly weights: Weights,
    private readonly epsilons: Epsilons,
  ) {}

  has(name: string): boolean {
    return this.weights.has(name);
  }

  dims(name: string): readonly number[] {
    return this.weights.dims(name);
  }

  get(name: string): Vector {
    let values = this.cache.get(name);
    if (values === undefined) {
      values = Float64Array.from(this.weights.float32(name));
      this.cache.set(name, values);
    }
    return values;
  }

  layers(): number {
    let count = 0;
    while (this.has(`blocks.${count}.ln1.weight`)) count++;
    return count;
  }

  /** W x for a matrix [rows, columns]. */
  linear(name: string, x: Vector): Vector {
    const matrix = this.get(name);
    const rows = matrix.length / x.length;
    const y = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = 0; i < x.length; i++)
        sum += matrix[row * x.length + i]! * x[i]!;
      y[row] = sum;
    }
    return y;
  }

  /** x W for a matrix [rows, columns]. */
  project(name: string, x: Vector): Vector {
    return vectorTimesMatrix(x, this.get(name));
  }

  layerNorm(name: string, x: Vector): Vector {
    const weight = this.get(`${name}.weight`);
    const bias = this.get(`${name}.bias`);
    const { layer, out } = this.epsilons;
    const epsilon = name === "ln_out" ? out : layer;
    return normalised(x, epsilon).map((y, i) => y * weight[i]! + bias[i]!);
  }

  /** Layer norm of each head of its own. */
  headNorm(name: string, x: Vector, heads: number): Vector {
    const epsilon = this.epsilons.head;
    const weight = this.get(`${name}.weight`);
    const bias = this.get(`${name}.bias`);
    const size = x.length / heads;
    const y = new Float64Array(x.length);
    for (let h = 0; h < heads; h++)
      y.set(
        normalised(x.subarray(h * size, (h + 1) * size), epsilon),
        h * size,
      );
    return y.map((value, i) => value * weight[i]! + bias[i]!);
  }

  embedding(token: number): Vector {
    const width = this.dims("emb.weight")[1]!;
    const row = this.get("emb.weight").slice(
      token * width,
      (token + 1) * width,
    );
    return this.has("blocks.0.ln0.weight")
      ? this.layerNorm("blocks.0.ln0", row)
      : row;
  }

  logits(x: Vector): Vector {
    const head = this.has("head.weight") ? "head.weight" : "emb.weight";
    return this.linear(head, this.layerNorm("ln_out", x));
  }
}

export function vectorTimesMatrix(x: Vector, matrix: Vector): Vector {
  const columns = matrix.length / x.length;
  const y = new Float64Array(columns);
  for (let i = 0; i < x.length; i++) {
    for (let column = 0; column < columns; column++)
      y[column]! += x[i]! * matrix[i * columns + column]!;
  }
  return y;
}

function normalised(x: Vector, epsilon: number): Vector {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance =
    x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
}

/** A network of blocks, each a time mix and a channel mix on a residual stream. */
export function recurrent(
  tensors: Tensors,
  timeMix: (layer: number, x: Vector) => Vector,
  channelMix: (layer: number, x: Vector, token: number) => Vector,
): Recurrent {
  const layers = tensors.layers();
  return {
    step(token) {
      let x = tensors.embedding(token);
      for (let layer = 0; layer < layers; layer++) {
        const block = `blocks.${layer}`;
        x = add(x, timeMix(layer, tensors.layerNorm(`${block}.ln1`, x)));
        x = add(
          x,
          channelMix(layer, tensors.layerNorm(`${block}.ln2`, x), token),
        );
      }
      return tensors.logits(x);
    },
  };
}

/** The last input of each layer, zeros at first; each call swaps in the newest. */
export function lastInput(layers: number, width: number) {
  const last = Array.from({ length: layers }, () => new Float64Array(width));
  return (layer: number, x: Vector): Vector => {
    const before = last[layer]!;
    last[layer] = Float64Array.from(x);
    return before;
  };
}
