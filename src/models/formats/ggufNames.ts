import { message } from "../../messages";
import { quoted, type ByteFile } from "./byteFile";
import type { Metadata } from "./checkpoint";
import { OfficialTensors } from "./officialTensors";
import {
  asVector,
  changed,
  part,
  reshaped,
  transposed,
  type TensorView,
} from "./tensorView";

/**
 * How tensors in llama.cpp differ from the official ones. llama.cpp's converter (`conversion/rwkv.py`,
 * formerly in `convert_hf_to_gguf.py`, and `gguf-py/gguf/constants.py` in ggml-org/llama.cpp)
 * - removes dimensions of 1 from vectors, and flattens RWKV-7's `r_k` [heads, head size];
 * - transposes low-rank factors;
 * - joins the token-shift mixtures of a layer in one tensor, `time_mix_lerp_fused`;
 * - gives RWKV-7's first layer `v0`, `v1`, `v2`, which it does not use, as copies of `a0`, `a1`, `a2`;
 * - for RWKV-6 divides the output matrices of layer i by 2^(i div n), where n is
 *   `rescale_every_n_layers`, since llama.cpp's graph halves the activations every n layers.
 */
export type GgufArchitecture = "rwkv6" | "rwkv7";

/**
 * How llama.cpp's layout of a tensor differs from the official one: not at all; [C] instead of
 * [1, 1, C]; with the last two dimensions swapped; [C] instead of [heads, head size].
 */
type Layout = "same" | "vector" | "transposed" | "heads";

/** A tensor of a layer: llama.cpp's name (without `blk.N.`), the official name, the layout. */
export type LayerRule = readonly [gguf: string, official: string, Layout];

/** What the layers of both architectures have. */
const common: readonly LayerRule[] = [
  ["attn_norm.weight", "ln1.weight", "same"],
  ["attn_norm.bias", "ln1.bias", "same"],
  ["attn_norm_2.weight", "ln2.weight", "same"],
  ["attn_norm_2.bias", "ln2.bias", "same"],
  ["time_mix_ln.weight", "att.ln_x.weight", "same"],
  ["time_mix_ln.bias", "att.ln_x.bias", "same"],
  ["time_mix_key.weight", "att.key.weight", "same"],
  ["time_mix_value.weight", "att.value.weight", "same"],
  ["time_mix_receptance.weight", "att.receptance.weight", "same"],
  ["time_mix_output.weight", "att.output.weight", "same"],
  ["channel_mix_key.weight", "ffn.key.weight", "same"],
  ["channel_mix_value.weight", "ffn.value.weight", "same"],
];

const lowRank: readonly LayerRule[] = ["w", "a", "v", "g"].flatMap((x) => [
  [`time_mix_${x}1.weight`, `att.${x}1`, "transposed"] as const,
  [`time_mix_${x}2.weight`, `att.${x}2`, "transposed"] as const,
  ...(x === "g"
    ? []
    : [[`time_mix_${x}0.weight`, `att.${x}0`, "vector"] as const]),
]);

export const layerRules: Readonly<
  Record<GgufArchitecture, readonly LayerRule[]>
> = {
  rwkv6: [
    ...common,
    ["time_mix_gate.weight", "att.gate.weight", "same"],
    ["time_mix_lerp_x.weight", "att.time_maa_x", "vector"],
    ["time_mix_w1.weight", "att.time_maa_w1", "transposed"],
    ["time_mix_w2.weight", "att.time_maa_w2", "transposed"],
    ["time_mix_first.weight", "att.time_faaaa", "same"],
    ["time_mix_decay.weight", "att.time_decay", "vector"],
    ["time_mix_decay_w1.weight", "att.time_decay_w1", "transposed"],
    ["time_mix_decay_w2.weight", "att.time_decay_w2", "transposed"],
    ["channel_mix_lerp_k.weight", "ffn.time_maa_k", "vector"],
    ["channel_mix_lerp_r.weight", "ffn.time_maa_r", "vector"],
    ["channel_mix_receptance.weight", "ffn.receptance.weight", "same"],
  ],
  rwkv7: [
    ...common,
    ...lowRank,
    ["time_mix_k_k.weight", "att.k_k", "vector"],
    ["time_mix_k_a.weight", "att.k_a", "vector"],
    ["time_mix_r_k.weight", "att.r_k", "heads"],
    ["channel_mix_lerp_k.weight", "ffn.x_k", "vector"],
  ],
};

/** The official names of the mixtures in `time_mix_lerp_fused`, in its order. */
export const fusedMixtures: Readonly<
  Record<GgufArchitecture, readonly string[]>
> = {
  rwkv6: ["w", "k", "v", "r", "g"].map((x) => `att.time_maa_${x}`),
  rwkv7: ["r", "w", "k", "v", "a", "g"].map((x) => `att.x_${x}`),
};

export const fusedName = "time_mix_lerp_fused.weight";

/** llama.cpp's name and the official name of each tensor outside the layers. */
export const outerNames: readonly (readonly [string, string])[] = [
  ["token_embd.weight", "emb.weight"],
  ["token_embd_norm.weight", "blocks.0.ln0.weight"],
  ["token_embd_norm.bias", "blocks.0.ln0.bias"],
  ["output_norm.weight", "ln_out.weight"],
  ["output_norm.bias", "ln_out.bias"],
  ["output.weight", "head.weight"],
];

/**
 * The tensors of a GGUF under their official names and in their official layouts.
 *
 * @throws ModelError if the architecture is not supported or a tensor does not belong to it
 */
export function officialFromGguf(
  file: ByteFile,
  metadata: Metadata,
  tensors: ReadonlyMap<string, TensorView>,
): Map<string, TensorView> {
  const architecture = architectureIn(file, metadata);
  const rescale = count(metadata, "rwkv6.rescale_every_n_layers");
  const headSize = count(metadata, `${architecture}.wkv.head_size`);
  const rules = new Map(
    layerRules[architecture].map(([gguf, ...rule]) => [gguf, rule]),
  );
  const outer = new Map(outerNames);
  const official = new OfficialTensors(file);

  for (const [name, view] of tensors) {
    const [, number, rest] = /^blk\.(\d{1,4})\.(.+)$/.exec(name) ?? [];
    const layer = Number(number);
    const prefix = `blocks.${layer}.`;
    if (rest === undefined) {
      const to = outer.get(name);
      if (to === undefined) throw unknown(name);
      official.add(name, to, view);
    } else if (architecture === "rwkv7" && layer === 0 && isUnusedValue(rest)) {
      continue;
    } else if (rest === fusedName) {
      const mixtures = fusedMixtures[architecture];
      const dims = [1, 1, view.dims.at(-1)!];
      mixtures.forEach((to, i) =>
        official.add(name, prefix + to, part(view, i, mixtures.length, dims)),
      );
    } else if (/^time_mix_lerp_[wkvrg]\.weight$/.test(rest)) {
      // In older files the mixtures are tensors of their own.
      official.add(name, `${prefix}att.time_maa_${rest[14]}`, asVector(view));
    } else {
      const [to, layout] = rules.get(rest) ?? [];
      if (to === undefined || layout === undefined) throw unknown(name);
      const scale =
        rescale > 0 && isOutput(to) ? 2 ** Math.floor(layer / rescale) : 1;
      const placed = laidOut(view, layout, headSize);
      official.add(
        name,
        prefix + to,
        scale === 1 ? placed : changed(placed, (x) => x * scale),
      );
    }
  }
  return official.byName;

  function unknown(name: string) {
    return file.refusal(
      message(
        "tensor of no architecture",
        message("tensor", quoted(name)),
        architecture,
      ),
    );
  }
}

function architectureIn(file: ByteFile, metadata: Metadata): GgufArchitecture {
  const architecture = metadata.get("general.architecture");
  if (architecture === "rwkv6" || architecture === "rwkv7") return architecture;
  if (architecture === "rwkv6qwen2" || architecture === "arwkv7") {
    throw file.refusal(message("no RWKV in GGUF", architecture));
  }
  throw file.refusal(
    message("other architecture", quoted(String(architecture))),
  );
}

/** Whether this is one of the tensors that llama.cpp requires but RWKV-7's first layer does not use. */
function isUnusedValue(rest: string): boolean {
  return /^time_mix_v[012]\.weight$/.test(rest);
}

/** Whether RWKV-6's rescaling (see above) divides this matrix. */
function isOutput(official: string): boolean {
  return official === "att.output.weight" || official === "ffn.value.weight";
}

/** A tensor of llama.cpp's layout in the official layout. */
function laidOut(
  view: TensorView,
  layout: Layout,
  headSize: number,
): TensorView {
  switch (layout) {
    case "same":
      return view;
    case "vector":
      return asVector(view);
    case "transposed":
      return transposed(view);
    case "heads": {
      const width = view.dims.reduce((a, b) => a * b, 1);
      return reshaped(view, [width / (headSize || width), headSize || width]);
    }
  }
}

/** A positive integer from the metadata; 0 if there is none. */
function count(metadata: Metadata, key: string): number {
  const value = metadata.get(key);
  return typeof value === "number" && Number.isInteger(value) && value > 0
    ? value
    : 0;
}
