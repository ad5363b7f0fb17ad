import type { Generation } from "../../src/engine/build";
import type { Weights } from "../../src/engine/weights";

/** Uniform numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A checkpoint in memory. */
export class MemoryWeights implements Weights {
  private readonly tensors = new Map<
    string,
    { dims: readonly number[]; values: Float32Array }
  >();

  names(): string[] {
    return [...this.tensors.keys()];
  }

  set(name: string, dims: readonly number[], values: Float32Array): void {
    this.tensors.set(name, { dims, values });
  }

  delete(name: string): void {
    this.tensors.delete(name);
  }

  /** Changes every value of a tensor. */
  update(name: string, change: (x: number, i: number) => number): void {
    const { dims, values } = this.tensor(name);
    this.set(name, dims, values.map(change));
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

  private tensor(name: string) {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new Error(`no tensor ${name}`);
    return tensor;
  }
}

export interface Sizes {
  layers: number;
  width: number;
  headSize: number;
  vocabulary: number;
  /** Hidden channels of the channel mix. */
  hidden: number;
  /** Of the low-rank matrices of RWKV-6 and 7. */
  rank: number;
}

export const smallSizes: Sizes = {
  layers: 3,
  width: 64,
  headSize: 16,
  vocabulary: 256,
  hidden: 160,
  rank: 8,
};

/** A checkpoint with official names and layouts and random weights that keep activations near 1. */
export function randomCheckpoint(
  generation: Generation,
  seed: number,
  overrides: Partial<Sizes> = {},
): MemoryWeights {
  const sizes = { ...smallSizes, ...overrides };
  const { layers, width, headSize, vocabulary, hidden, rank } = sizes;
  const heads = width / headSize;
  const weights = new MemoryWeights();
  const random = generator(seed);
  /** Values between middle − spread and middle + spread. */
  const put = (name: string, dims: number[], middle: number, spread: number) =>
    weights.set(
      name,
      dims,
      Float32Array.from(
        { length: dims.reduce((a, b) => a * b, 1) },
        () => middle + spread * (2 * random() - 1),
      ),
    );
  const vector = (name: string, middle: number, spread: number) =>
    put(name, [1, 1, width], middle, spread);
  const matrix = (name: string, outputs: number, inputs: number) =>
    put(name, [outputs, inputs], 0, 1.5 / Math.sqrt(inputs));
  const norm = (name: string) => {
    put(`${name}.weight`, [width], 1, 0.3);
    put(`${name}.bias`, [width], 0, 0.2);
  };

  put("emb.weight", [vocabulary, width], 0, 1);
  norm("blocks.0.ln0");
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    const [att, ffn] = [`${block}.att`, `${block}.ffn`];
    norm(`${block}.ln1`);
    norm(`${block}.ln2`);
    for (const name of ["receptance", "key", "value", "output"])
      matrix(`${att}.${name}.weight`, width, width);
    matrix(`${ffn}.key.weight`, hidden, width);
    matrix(`${ffn}.value.weight`, width, hidden);
    if (generation !== "4") norm(`${att}.ln_x`);
    if (generation[0] !== "7") matrix(`${ffn}.receptance.weight`, width, width);

    switch (generation) {
      case "4":
        for (const name of "kvr") vector(`${att}.time_mix_${name}`, 0.5, 0.5);
        for (const name of "kr") vector(`${ffn}.time_mix_${name}`, 0.5, 0.5);
        put(`${att}.time_decay`, [width], -1, 3);
        put(`${att}.time_first`, [width], 0, 2);
        break;
      case "5.0":
      case "5.1":
      case "5.2": {
        const gated = generation !== "5.0";
        for (const name of gated ? "kvrg" : "kvr")
          vector(`${att}.time_mix_${name}`, 0.5, 0.5);
        for (const name of "kr") vector(`${ffn}.time_mix_${name}`, 0.5, 0.5);
        if (gated) matrix(`${att}.gate.weight`, width, width);
        const dims = generation === "5.2" ? [heads, headSize] : [heads];
        put(`${att}.time_decay`, dims, -2, 3);
        if (generation === "5.0") put(`${att}.time_first`, dims, -1, 1);
        else put(`${att}.time_faaaa`, dims, 0.3, 0.5);
        break;
      }
      case "6":
        for (const name of "xwkvrg")
          vector(`${att}.time_maa_${name}`, 0.5, 0.5);
        for (const name of "kr") vector(`${ffn}.time_maa_${name}`, 0.5, 0.5);
        put(`${att}.time_maa_w1`, [width, 5 * rank], 0, 0.3);
        put(`${att}.time_maa_w2`, [5, rank, width], 0, 0.3);
        put(`${att}.time_decay_w1`, [width, 2 * rank], 0, 0.3);
        put(`${att}.time_decay_w2`, [2 * rank, width], 0, 0.5);
        vector(`${att}.time_decay`, -2, 3);
        put(`${att}.time_faaaa`, [heads, headSize], 0.3, 0.5);
        matrix(`${att}.gate.weight`, width, width);
        break;
      case "7":
      case "7a":
        for (const name of "rwkvag") vector(`${att}.x_${name}`, 0.5, 0.5);
        for (const name of "wavg") {
          if (name === "v" && layer === 0) continue;
          put(`${att}.${name}1`, [width, rank], 0, 0.3);
          put(`${att}.${name}2`, [rank, width], 0, 0.5);
          if (name !== "g") vector(`${att}.${name}0`, 0, 2);
        }
        vector(`${att}.k_k`, 0.8, 0.4);
        vector(`${att}.k_a`, 1, 0.3);
        put(`${att}.r_k`, [heads, headSize], 0, 0.3);
        vector(`${ffn}.x_k`, 0.5, 0.5);
        if (generation === "7") break;
        put(`${ffn}.s1`, [width, rank], 0, 0.3);
        put(`${ffn}.s2`, [rank, hidden], 0, 0.3);
        vectorOf(`${ffn}.s0`, hidden);
        put(`${ffn}.s_emb.weight`, [vocabulary, rank * rank], 0, 0.4);
        put(`${ffn}.s_emb_x.weight`, [rank * rank, width], 0, 0.1);
        break;
    }
  }
  norm("ln_out");
  matrix("head.weight", vocabulary, width);
  return weights;

  function vectorOf(name: string, length: number) {
    put(name, [1, 1, length], 1, 0.3);
  }
}
