import { message, type Message } from "../../messages";
import type { Generation } from "../../engine/build";
import { ModelError } from "../modelError";
import { quoted, shapeText } from "./byteFile";
import type { CheckpointWeights } from "./checkpoint";

export type { Generation };

export interface Architecture {
  generation: Generation;
  layers: number;
  width: number;
  /** width = heads × headSize. In RWKV-4 each channel is a head. */
  heads: number;
  headSize: number;
  /** Hidden units of the channel mixing. */
  ffn: number;
  vocabulary: number;
  /** There is no `head.weight`: the embedding also serves as the head. */
  tiedHead: boolean;
  /** There is no `blocks.0.ln0`: the rows of the embedding are already normalised. */
  preNormalised: boolean;
}

/**
 * Determines the generation and the sizes of a checkpoint from the names and shapes of its tensors. It
 * checks that all tensors of the generation are there in the right shape, and that there are no others.
 *
 * @throws ModelError that names what is missing, misshapen or unknown
 */
export function architectureOf(checkpoint: CheckpointWeights): Architecture {
  const fail: Fail = (what, help) =>
    new ModelError(
      help === undefined
        ? { code: "checkpoint unfit", args: [checkpoint.path, what] }
        : {
            code: "checkpoint unsupported",
            args: [checkpoint.path, what, help],
          },
    );
  const generation = generationOf(checkpoint, fail);
  const dims = (name: string) => {
    if (!checkpoint.has(name)) throw fail(message("no tensor", name));
    return checkpoint.dims(name);
  };
  const [vocabulary = 0, width = 0] = dims("emb.weight");
  const [ffn = 0] = dims("blocks.0.ffn.key.weight");
  const { heads, headSize } = headsOf(generation, width, dims);
  if (heads * headSize !== width) {
    throw fail(message("heads", heads, headSize, width));
  }
  const architecture = {
    generation,
    layers: layersOf(checkpoint),
    width,
    heads,
    headSize,
    ffn,
    vocabulary,
    tiedHead: !checkpoint.has("head.weight"),
    preNormalised: !checkpoint.has("blocks.0.ln0.weight"),
  };
  checkClaims(checkpoint, architecture, fail);
  checkTensors(checkpoint, architecture, fail);
  return architecture;
}

/** @param help what to do; by default, what helps if the file is damaged */
type Fail = (what: Message, help?: Message) => ModelError;

/**
 * Tells the generations apart as the `rwkv` package does (`model.py`, BlinkDL/ChatRWKV). In 5.0 and 5.1
 * a head has one decay; in 5.2 each channel has one. 5.1 added the output gate. rwkv.cpp uses the name
 * 5.1 for the generation without a gate, which is 5.0 here.
 */
function generationOf(checkpoint: CheckpointWeights, fail: Fail): Generation {
  const names = checkpoint.names();
  if (names.some((name) => /^blocks\.\d+\.qkv\./.test(name))) {
    throw new ModelError({
      code: "checkpoint is RWKV-7b",
      args: [checkpoint.path],
    });
  }
  if (names.some((name) => name.endsWith(".time_state"))) {
    throw new ModelError({
      code: "checkpoint has time_state",
      args: [checkpoint.path],
    });
  }
  const has = (name: string) => checkpoint.has(`blocks.0.${name}`);
  if (has("att.r_k")) return has("ffn.s_emb.weight") ? "7a" : "7";
  if (has("att.time_maa_x")) return "6";
  if (!has("att.time_decay"))
    throw fail(message("no RWKV"), message("choose an RWKV"));
  if (!has("att.ln_x.weight")) return "4";
  const decay = withoutOnes(checkpoint.dims("blocks.0.att.time_decay"));
  if (decay.length > 1) return "5.2";
  return has("att.gate.weight") ? "5.1" : "5.0";
}

/** Number and size of the heads, from the shape of a tensor that has a dimension for each. */
function headsOf(
  generation: Generation,
  width: number,
  dims: (name: string) => readonly number[],
): { heads: number; headSize: number } {
  const att = "blocks.0.att.";
  switch (generation) {
    case "4":
      return { heads: width, headSize: 1 };
    case "5.0":
    case "5.1": {
      const [heads = 0] = dims(`${att}time_decay`);
      return { heads, headSize: width / heads };
    }
    case "5.2": {
      const [heads = 0, headSize = 0] = dims(`${att}time_decay`);
      return { heads, headSize };
    }
    case "6": {
      const [heads = 0, headSize = 0] = dims(`${att}time_faaaa`);
      return { heads, headSize };
    }
    default: {
      const [heads = 0, headSize = 0] = dims(`${att}r_k`);
      return { heads, headSize };
    }
  }
}

/** The number of layers: one more than the highest number of a block. */
function layersOf(checkpoint: CheckpointWeights): number {
  let layers = 0;
  for (const name of checkpoint.names()) {
    const [, layer] = /^blocks\.(\d{1,4})\./.exec(name) ?? [];
    if (layer !== undefined) layers = Math.max(layers, Number(layer) + 1);
  }
  return layers;
}

/**
 * Compares sizes with those that the file's metadata claims. An rwkv.cpp file that was cut off between
 * two tensors is well-formed, so only this shows that layers are missing, or the head, which is last.
 */
function checkClaims(
  { container, metadata }: CheckpointWeights,
  { layers, width, vocabulary, tiedHead }: Architecture,
  fail: Fail,
): void {
  const family = String(metadata.get("general.architecture"));
  const claims: [string, number][] = [
    ["n_layer", layers],
    ["n_embed", width],
    ["n_vocab", vocabulary],
    [`${family}.block_count`, layers],
    [`${family}.embedding_length`, width],
  ];
  for (const [key, found] of claims) {
    const claimed = metadata.get(key);
    if (claimed !== undefined && Number(claimed) !== found)
      throw fail(message("claims another size", key, String(claimed), found));
  }
  if (container === "rwkv.cpp" && tiedHead) throw fail(message("no head"));
}

/**
 * The shapes of tensors by name. Dimensions of 1 are ignored. Letters stand for sizes: C for the width,
 * F for the hidden units of the channel mixing, V for the vocabulary, H for the number of heads, N for
 * the head size. Other letters stand for a low rank, which each layer may choose (`ss` for the square
 * of `s`). A number is a factor: `5m` is 5 × m.
 */
type Shapes = Readonly<Record<string, readonly string[]>>;

/** What all layers of all generations have. */
const everyLayer: Shapes = {
  "ln1.weight": ["C"],
  "ln1.bias": ["C"],
  "ln2.weight": ["C"],
  "ln2.bias": ["C"],
  "att.receptance.weight": ["C", "C"],
  "att.key.weight": ["C", "C"],
  "att.value.weight": ["C", "C"],
  "att.output.weight": ["C", "C"],
  "ffn.key.weight": ["F", "C"],
  "ffn.value.weight": ["C", "F"],
};

const groupNorm: Shapes = { "att.ln_x.weight": ["C"], "att.ln_x.bias": ["C"] };

/** What the layers of RWKV-4 and 5 have in common. */
const mixed: Shapes = {
  ...everyLayer,
  ...vectors("att.time_mix_", "kvr"),
  ...vectors("ffn.time_mix_", "kr"),
  "ffn.receptance.weight": ["C", "C"],
};

const gate: Shapes = { "att.gate.weight": ["C", "C"] };

const rwkv7: Shapes = {
  ...everyLayer,
  ...groupNorm,
  ...vectors("att.x_", "rwkvag"),
  "att.w0": ["C"],
  "att.w1": ["C", "w"],
  "att.w2": ["w", "C"],
  "att.a0": ["C"],
  "att.a1": ["C", "a"],
  "att.a2": ["a", "C"],
  "att.v0": ["C"],
  "att.v1": ["C", "v"],
  "att.v2": ["v", "C"],
  "att.g1": ["C", "g"],
  "att.g2": ["g", "C"],
  "att.k_k": ["C"],
  "att.k_a": ["C"],
  "att.r_k": ["H", "N"],
  "ffn.x_k": ["C"],
};

/** Two names of RWKV-5's bonus u: `time_faaaa` is u, `time_first` is ln u. A layer has one of them. */
const bonusNames = ["att.time_faaaa", "att.time_first"];

const layerShapes: Readonly<Record<Generation, Shapes>> = {
  "4": { ...mixed, "att.time_decay": ["C"], "att.time_first": ["C"] },
  "5.0": { ...mixed, ...groupNorm, ...bonus("H"), "att.time_decay": ["H"] },
  "5.1": {
    ...mixed,
    ...groupNorm,
    ...gate,
    ...bonus("H"),
    "att.time_mix_g": ["C"],
    "att.time_decay": ["H"],
  },
  "5.2": {
    ...mixed,
    ...groupNorm,
    ...gate,
    ...bonus("H", "N"),
    "att.time_mix_g": ["C"],
    "att.time_decay": ["H", "N"],
  },
  "6": {
    ...everyLayer,
    ...groupNorm,
    ...gate,
    ...vectors("att.time_maa_", "xwkvrg"),
    ...vectors("ffn.time_maa_", "kr"),
    "att.time_maa_w1": ["C", "5m"],
    "att.time_maa_w2": ["5", "m", "C"],
    "att.time_decay": ["C"],
    "att.time_decay_w1": ["C", "d"],
    "att.time_decay_w2": ["d", "C"],
    "att.time_faaaa": ["H", "N"],
    "ffn.receptance.weight": ["C", "C"],
  },
  "7": rwkv7,
  "7a": {
    ...rwkv7,
    "ffn.s_emb.weight": ["V", "ss"],
    "ffn.s_emb_x.weight": ["ss", "C"],
    "ffn.s0": ["F"],
    "ffn.s1": ["C", "s"],
    "ffn.s2": ["s", "F"],
  },
};

const outerShapes: Shapes = {
  "emb.weight": ["V", "C"],
  "ln_out.weight": ["C"],
  "ln_out.bias": ["C"],
  "head.weight": ["V", "C"],
  "blocks.0.ln0.weight": ["C"],
  "blocks.0.ln0.bias": ["C"],
};

/** @throws ModelError if a tensor is missing, misshapen or unknown */
function checkTensors(
  checkpoint: CheckpointWeights,
  architecture: Architecture,
  fail: Fail,
): void {
  const { generation, layers, width, heads, headSize, ffn, vocabulary } =
    architecture;
  const sizes = { C: width, F: ffn, V: vocabulary, H: heads, N: headSize };
  const known = new Set<string>();
  const check = (name: string, shape: readonly string[], own: Sizes) => {
    known.add(name);
    if (!checkpoint.has(name)) throw fail(message("no tensor", name));
    const dims = checkpoint.dims(name);
    if (!fits(dims, shape, own)) {
      throw fail(
        message("shape", shapeText(dims), name, shapeText(shape), legend(own)),
      );
    }
  };
  for (const [name, shape] of Object.entries(outerShapes)) {
    const optional =
      (name === "head.weight" && architecture.tiedHead) ||
      (name.startsWith("blocks.0.ln0") && architecture.preNormalised);
    if (!optional) check(name, shape, { ...sizes });
  }
  for (let layer = 0; layer < layers; layer++) {
    const own: Sizes = { ...sizes };
    for (const [name, shape] of Object.entries(layerShapes[generation])) {
      const full = `blocks.${layer}.${name}`;
      if (layer === 0 && /^att\.v[012]$/.test(name)) {
        // The first layer has no earlier layer's value to mix in, so it does not use these tensors.
        known.add(full);
      } else if (generation.startsWith("5") && bonusNames.includes(name)) {
        const present = bonusNames.filter((bonus) =>
          checkpoint.has(`blocks.${layer}.${bonus}`),
        );
        if (present.length !== 1)
          throw fail(message("bonus tensors", present.length, layer));
        if (present[0] === name) check(full, shape, own);
      } else {
        check(full, shape, own);
      }
    }
    if (own.ss !== undefined && own.ss !== own.s! ** 2) {
      throw fail(message("matrices of values", own.ss, String(own.s), layer));
    }
  }
  // A model with an unknown tensor would be computed wrongly without it. Scalars are ignored: they
  // are counters of the training that were saved with the weights.
  const unknown = checkpoint
    .names()
    .find((name) => !known.has(name) && checkpoint.dims(name).length > 0);
  if (unknown !== undefined) {
    throw fail(
      message("foreign tensor", quoted(unknown), generation),
      message("save the network alone"),
    );
  }
}

/** The sizes that letters stand for. The ranks of a layer are added at the first tensor with them. */
type Sizes = Record<string, number>;

/** Whether a tensor has the expected shape. Adds ranks to `sizes` that it does not have yet. */
function fits(
  dims: readonly number[],
  shape: readonly string[],
  sizes: Sizes,
): boolean {
  const wanted = shape.map((symbol, axis) => {
    const [, factor, letter] = /^(\d*)([A-Za-z]*)$/.exec(symbol)!;
    const times = Number(factor || 1);
    if (letter === "") return times;
    // The first tensor with a rank determines it.
    if (dims.length === shape.length)
      sizes[letter!] ??= Math.floor(dims[axis]! / times);
    return times * (sizes[letter!] ?? 0);
  });
  const [a, b] = [withoutOnes(dims), withoutOnes(wanted)];
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

function withoutOnes(dims: readonly number[]): number[] {
  return dims.filter((dim) => dim !== 1);
}

/** The sizes as text, for an error: "C = 768, F = 3072". */
function legend(sizes: Sizes): string {
  return Object.entries(sizes)
    .map(([letter, size]) => `${letter} = ${size}`)
    .join(", ");
}

/** The shapes of vectors of width C whose names are a prefix and one letter. */
function vectors(prefix: string, letters: string): Shapes {
  return Object.fromEntries(
    [...letters].map((letter) => [prefix + letter, ["C"]]),
  );
}

/** Both names of the bonus, with the same shape. */
function bonus(...shape: string[]): Shapes {
  return Object.fromEntries(bonusNames.map((name) => [name, shape]));
}
