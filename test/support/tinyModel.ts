import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Quantisation } from "../../src/engine/quantise";
import { seededRandom } from "../../src/engine/sampling";
import { buildModelPackage } from "../../src/models/package/build";
import { encodeFp32 } from "../../src/models/formats/encode";
import { writeSafetensors } from "../../src/models/formats/writeSafetensors";
import type { BpeFile } from "../../src/tokenizer/bpe";
import { MemoryWeights } from "../models/formats/writers/memoryWeights";

/** A small RWKV-7 with random weights and a tokenizer of bytes, as a model package on disk. */
export interface TinyModel {
  folder: string;
  weights: Map<string, { dims: number[]; values: Float32Array }>;
  remove(): void;
}

const width = 64;
const headSize = 32;
const layers = 2;
const low = 8;

export const tinyTokenizer: BpeFile = {
  format: "rwkv-bpe",
  version: 1,
  specials: [
    "<|file|>",
    "<|text|>",
    "<|r2|>",
    "<|r3|>",
    "<|r4|>",
    "<|r5|>",
    "<|r6|>",
    "<|r7|>",
  ],
  // "in", " i"+… as learnt merges would be: l+e, le+t, i+n.
  merges: [
    [8 + 0x6c, 8 + 0x65],
    [264, 8 + 0x74],
    [8 + 0x69, 8 + 0x6e],
  ],
};
const vocabulary = 8 + 256 + tinyTokenizer.merges.length;

export async function makeTinyModel(
  quantisation: Quantisation = "none",
  seed = 1,
): Promise<TinyModel> {
  const root = mkdtempSync(join(tmpdir(), "rwkv-tiny-"));
  const weights = randomWeights(seed);
  const write = (name: string, tensors: TinyModel["weights"]) =>
    writeSafetensors(join(root, name), new MemoryWeights(tensors), encodeFp32);
  write("model.safetensors", weights);
  write("copy.safetensors", randomGate(seed));
  writeFileSync(join(root, "tokenizer.json"), JSON.stringify(tinyTokenizer));
  const folder = join(root, "package");
  await buildModelPackage(
    {
      weights: join(root, "model.safetensors"),
      tokenizer: join(root, "tokenizer.json"),
      gate: join(root, "copy.safetensors"),
      documents: [],
      name: "tiny",
      license: "Apache-2.0",
      provenance: "random weights for tests",
    },
    quantisation,
    folder,
  );
  return {
    folder,
    weights,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function randomWeights(seed: number): TinyModel["weights"] {
  const random = seededRandom(seed);
  const weights: TinyModel["weights"] = new Map();
  const add = (name: string, dims: number[], scale: number, offset = 0) => {
    const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
    weights.set(name, {
      dims,
      values: values.map(() => offset + scale * (2 * random() - 1)),
    });
  };
  add("emb.weight", [vocabulary, width], 1);
  for (let layer = 0; layer < layers; layer++) {
    const block = `blocks.${layer}`;
    for (const norm of layer === 0 ? ["ln0", "ln1", "ln2"] : ["ln1", "ln2"]) {
      add(`${block}.${norm}.weight`, [width], 0.1, 1);
      add(`${block}.${norm}.bias`, [width], 0.1);
    }
    for (const name of "rwkvag")
      add(`${block}.att.x_${name}`, [1, 1, width], 0.5, 0.5);
    for (const name of layer === 0 ? "wag" : "wavg") {
      add(`${block}.att.${name}1`, [width, low], 0.3);
      add(`${block}.att.${name}2`, [low, width], 0.5);
      if (name !== "g") add(`${block}.att.${name}0`, [1, 1, width], 1);
    }
    add(`${block}.att.k_k`, [1, 1, width], 0.3, 0.7);
    add(`${block}.att.k_a`, [1, 1, width], 0.1, 1);
    add(`${block}.att.r_k`, [width / headSize, headSize], 0.3);
    for (const name of ["receptance", "key", "value", "output"]) {
      add(`${block}.att.${name}.weight`, [width, width], 0.25);
    }
    add(`${block}.att.ln_x.weight`, [width], 0.1, 1);
    add(`${block}.att.ln_x.bias`, [width], 0.1);
    add(`${block}.ffn.x_k`, [1, 1, width], 0.5, 0.5);
    add(`${block}.ffn.key.weight`, [4 * width, width], 0.2);
    add(`${block}.ffn.value.weight`, [width, 4 * width], 0.2);
  }
  add("ln_out.weight", [width], 0.1, 1);
  add("ln_out.bias", [width], 0.1);
  add("head.weight", [vocabulary, width], 0.5);
  return weights;
}

function randomGate(seed: number): TinyModel["weights"] {
  const random = seededRandom(seed + 1000);
  const shapes = {
    "gate.weight": [12, width],
    "gate.length": [12],
    "gate.rank": [4],
    "gate.count": [4],
    "gate.alpha": [1],
    "neighbours.weight": [8, width],
    "neighbours.elsewhere": [1],
    "neighbours.share_weight": [width],
    "neighbours.share": [6],
    "reranker.token": [4, 10],
    "reranker.position": [4, 5],
    "reranker.output": [4],
    "reranker.rest": [5],
  };
  return new Map(
    Object.entries(shapes).map(([name, dims]) => {
      const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
      return [name, { dims, values: values.map(() => random() - 0.5) }];
    }),
  )
    .set("neighbours.sharpness", { dims: [1], values: Float32Array.of(20) })
    .set("reranker.scale", { dims: [1], values: Float32Array.of(1) });
}
