import { message } from "../../messages";
import { ModelError } from "../modelError";
import type { Architecture } from "./architecture";
import { encodeFp16, encodeFp32, type Encoder } from "./encode";
import {
  gguf,
  writeGgufFile,
  type GgufMetadata,
  type GgufTensor,
  type GgufValue,
} from "./ggufFile";
import {
  fusedMixtures,
  fusedName,
  layerRules,
  outerNames,
  type GgufArchitecture,
} from "./ggufNames";
import { officialEpsilons } from "./normEpsilons";
import { sizeOf, transposed } from "./tensorView";
import type { NamedWeights } from "./writeSafetensors";

export interface GgufExport {
  name: string;
  /** Metadata to add: the keys of the tokenizer (`tokenizer.…`), the licence. */
  metadata: GgufMetadata;
  /** ε of all layer norms; by default that of official checkpoints. */
  normEpsilon?: number;
  /** How the large matrices are stored, by default in FP16. llama.cpp requires FP32 for all else. */
  matrices?: Encoder;
}

const architectures: Partial<Record<string, GgufArchitecture>> = {
  "6": "rwkv6",
  "7": "rwkv7",
};

/** llama.cpp's numbers for files of mostly one type (enum llama_ftype). */
const fileTypes: Readonly<Record<string, number>> = {
  FP32: 0,
  FP16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q8_0: 7,
  Q5_0: 8,
  Q5_1: 9,
  Q2_K: 10,
  Q3_K: 12,
  Q4_K: 15,
  Q5_K: 17,
  Q6_K: 18,
  IQ4_NL: 25,
  IQ4_XS: 30,
  BF16: 32,
};

/** In tokens. RWKV has no limit, but llama.cpp requires a number. */
const contextLength = 1 << 20;

/**
 * Writes an RWKV-6 or 7 as a GGUF for llama.cpp, with one tensor in memory at a time. `ggufNames.ts`
 * describes how its tensors differ from the official ones.
 *
 * @throws ModelError if GGUF has no such architecture, or cannot express this network's embedding or
 *   ranks
 */
export function writeGguf(
  path: string,
  weights: NamedWeights,
  architecture: Architecture,
  options: GgufExport,
): void {
  const { generation, layers, tiedHead, preNormalised } = architecture;
  const kind = architectures[generation];
  if (kind === undefined) {
    throw new ModelError({ code: "gguf generation", args: [generation] });
  }
  if (preNormalised) {
    throw new ModelError({ code: "gguf embedding", args: [] });
  }
  const matrices = options.matrices ?? encodeFp16;
  const tensors: GgufTensor[] = [];
  const add = (
    name: string,
    dims: readonly number[],
    values: () => Float32Array,
    encoder: Encoder,
  ) => {
    const whole = (dims.at(-1) ?? 1) % encoder.type.values === 0;
    const used = whole ? encoder : encodeFp32;
    tensors.push({
      name,
      dims,
      type: used.type,
      bytes: () => used.encode(values()),
    });
  };

  for (const [name, official] of outerNames) {
    const from =
      official === "head.weight" && tiedHead ? "emb.weight" : official;
    const dims = weights.dims(from);
    const encoder = dims.length === 2 ? matrices : encodeFp32;
    add(name, dims, () => weights.float32(from), encoder);
  }
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `blocks.${layer}.`;
    for (const [name, official, layout] of layerRules[kind]) {
      // llama.cpp requires tensors that the first layer does not use. Like its converter, this takes
      // those of the in-context learning rate (`a0`, `a1`, `a2`).
      const unused = layer === 0 && /^att\.v[012]$/.test(official);
      const from = prefix + (unused ? official.replace("v", "a") : official);
      const dims = weights.dims(from);
      const full = `blk.${layer}.${name}`;
      switch (layout) {
        case "same": {
          const isMatrix = official.endsWith(".weight") && dims.length === 2;
          const encoder = isMatrix ? matrices : encodeFp32;
          add(full, dims, () => weights.float32(from), encoder);
          break;
        }
        case "vector":
        case "heads":
          add(full, [sizeOf(dims)], () => weights.float32(from), encodeFp32);
          break;
        case "transposed": {
          const view = transposed({
            where: message("tensor", from),
            dims,
            float32: () => weights.float32(from),
          });
          add(full, view.dims, () => view.float32(), encodeFp32);
        }
      }
    }
    const mixtures = fusedMixtures[kind].map((name) => prefix + name);
    const width = architecture.width;
    const fused = () => {
      const values = new Float32Array(mixtures.length * width);
      mixtures.forEach((name, i) =>
        values.set(weights.float32(name), i * width),
      );
      return values;
    };
    const dims = [mixtures.length, 1, 1, width];
    add(`blk.${layer}.${fusedName}`, dims, fused, encodeFp32);
  }
  const metadata = new Map<string, GgufValue>([
    ["general.architecture", gguf.text(kind)],
    ["general.name", gguf.text(options.name)],
    ["general.file_type", gguf.uint32(fileTypes[matrices.type.name] ?? 0)],
    ...sizes(kind, weights, architecture),
    [
      `${kind}.attention.layer_norm_epsilon`,
      gguf.float32(options.normEpsilon ?? officialEpsilons.normEpsilon),
    ],
    ...options.metadata,
  ]);
  writeGgufFile(path, metadata, tensors);
}

/** The metadata keys with the sizes of the network. @throws ModelError if ranks differ between layers */
function sizes(
  kind: GgufArchitecture,
  weights: NamedWeights,
  { layers, width, headSize, ffn }: Architecture,
): [string, GgufValue][] {
  const rank = (name: string, axis: number) => {
    const first = weights.dims(`blocks.${layers - 1}.att.${name}`)[axis]!;
    for (let layer = 1; layer < layers; layer++) {
      if (weights.dims(`blocks.${layer}.att.${name}`)[axis] !== first) {
        throw new ModelError({ code: "gguf ranks", args: [name] });
      }
    }
    return first;
  };
  const own: [string, number][] =
    kind === "rwkv7"
      ? [
          ["attention.decay_lora_rank", rank("w1", 1)],
          ["attention.iclr_lora_rank", rank("a1", 1)],
          [
            "attention.value_residual_mix_lora_rank",
            layers > 1 ? rank("v1", 1) : rank("a1", 1),
          ],
          ["attention.gate_lora_rank", rank("g1", 1)],
        ]
      : [
          ["time_mix_extra_dim", rank("time_maa_w1", 1) / 5],
          ["time_decay_extra_dim", rank("time_decay_w1", 1)],
          ["rescale_every_n_layers", 0],
        ];
  const numbers: [string, number][] = [
    ["context_length", contextLength],
    ["embedding_length", width],
    ["block_count", layers],
    ["feed_forward_length", ffn],
    ["wkv.head_size", headSize],
    // Required, but not used.
    ["attention.head_count", 0],
    ...own,
  ];
  return numbers.map(([key, value]) => [`${kind}.${key}`, gguf.uint32(value)]);
}
