import type { Generation } from "../../../../src/models/formats/architecture";
import type { Tensor } from "./memoryWeights";
import { ordinaryTensors } from "./ordinaryTensors";
import { randomNumbers } from "./random";

export interface ModelSize {
  layers: number;
  width: number;
  headSize: number;
  ffn: number;
  vocabulary: number;
  /** Of every low-rank factor. */
  rank: number;
}

export const smallSize: ModelSize = {
  layers: 2,
  width: 64,
  headSize: 32,
  ffn: 128,
  vocabulary: 50,
  rank: 32,
};

/** A model of random weights of ordinary size, official names and layouts. */
export function randomModel(
  generation: Generation,
  size: ModelSize = smallSize,
  seed = 1,
): Map<string, Tensor> {
  const random = randomNumbers(seed);
  const tensors = new Map<string, Tensor>();
  const { layers, width, headSize, ffn, vocabulary, rank } = size;
  const heads = width / headSize;
  const add = (
    name: string,
    dims: readonly number[],
    low = -1 / Math.sqrt(width),
    high = -low,
  ) => {
    const count = dims.reduce((a, b) => a * b, 1);
    const values = Float32Array.from(
      { length: count },
      () => low + (high - low) * random(),
    );
    tensors.set(name, { dims, values });
  };
  const { matrix, vector, norm } = ordinaryTensors(width, add);

  add("emb.weight", [vocabulary, width], -1, 1);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    if (layer === 0) norm(`${block}.ln0`);
    norm(`${block}.ln1`);
    norm(`${block}.ln2`);
    const [att, channel] = [`${block}.att`, `${block}.ffn`];
    for (const name of ["receptance", "key", "value", "output"])
      matrix(`${att}.${name}.weight`);
    matrix(`${channel}.key.weight`, ffn, width);
    matrix(`${channel}.value.weight`, width, ffn);
    if (generation !== "4") norm(`${att}.ln_x`);
    if (generation.startsWith("7")) {
      for (const x of "rwkvag") vector(`${att}.x_${x}`, 0, 1);
      for (const x of layer === 0 ? "wag" : "wavg") {
        if (x !== "g") vector(`${att}.${x}0`, -2, 2);
        matrix(`${att}.${x}1`, width, rank);
        matrix(`${att}.${x}2`, rank, width);
      }
      vector(`${att}.k_k`, 0.5, 1.2);
      vector(`${att}.k_a`, 0.5, 1.2);
      add(`${att}.r_k`, [heads, headSize], -0.3, 0.3);
      vector(`${channel}.x_k`, 0, 1);
      if (generation === "7a") {
        matrix(`${channel}.s_emb.weight`, vocabulary, 32 * 32);
        matrix(`${channel}.s_emb_x.weight`, 32 * 32, width);
        add(`${channel}.s0`, [1, 1, ffn], 0.5, 1.5);
        matrix(`${channel}.s1`, width, 32);
        matrix(`${channel}.s2`, 32, ffn);
      }
      continue;
    }
    matrix(`${channel}.receptance.weight`);
    if (generation === "6") {
      for (const x of "xwkvrg") vector(`${att}.time_maa_${x}`, 0, 1);
      matrix(`${att}.time_maa_w1`, width, 5 * rank);
      add(`${att}.time_maa_w2`, [5, rank, width]);
      vector(`${att}.time_decay`, -6, 1);
      matrix(`${att}.time_decay_w1`, width, rank);
      matrix(`${att}.time_decay_w2`, rank, width);
      add(`${att}.time_faaaa`, [heads, headSize], -1, 1);
      matrix(`${att}.gate.weight`);
      for (const x of "kr") vector(`${channel}.time_maa_${x}`, 0, 1);
      continue;
    }
    for (const x of "kr") vector(`${channel}.time_mix_${x}`, 0, 1);
    for (const x of "kvr") vector(`${att}.time_mix_${x}`, 0, 1);
    if (generation === "5.1" || generation === "5.2") {
      vector(`${att}.time_mix_g`, 0, 1);
      matrix(`${att}.gate.weight`);
    }
    const perHead = generation === "5.2" ? [heads, headSize] : [heads];
    const own = generation === "4" ? [width] : perHead;
    add(`${att}.time_decay`, own, -6, 1);
    const bonus = generation === "5.2" ? "time_faaaa" : "time_first";
    add(`${att}.${bonus}`, own, -1, 1);
  }
  norm("ln_out");
  matrix("head.weight", vocabulary, width);
  return tensors;
}
