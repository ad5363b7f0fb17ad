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
 * Between official tensors and llama.cpp's (`conversion/rwkv.py`, formerly in
 * `convert_hf_to_gguf.py`, and `gguf-py/gguf/constants.py` in ggml-org/llama.cpp). Its converter
 * - drops the dimensions of one from vectors, and the heads of RWKV-7's `r_k`;
 * - transposes low-rank factors;
 * - joins the mixtures of a layer in `time_mix_lerp_fused`;
 * - gives RWKV-7's first layer the `v0`, `v1`, `v2` that it has no use for, as copies of `a…`;
 * - for RWKV-6 divides the output matrices of layer i by 2^(i div n), n being
 *   `rescale_every_n_layers`, because its graph halves the activations every n layers.
 */
export type GgufArchitecture = "rwkv6" | "rwkv7";

/** How llama.cpp's layout differs; each is its own inverse. */
type Layout = "same" | "vector" | "transposed" | "heads";

/** Layer tensors: llama.cpp's name (without `blk.N.` and `.weight`), the official one, the layout. */
export type LayerRule = readonly [gguf: string, official: string, Layout];

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

/** The mixtures in `time_mix_lerp_fused`, in its order. */
export const fusedMixtures: Readonly<
  Record<GgufArchitecture, readonly string[]>
> = {
  rwkv6: ["w", "k", "v", "r", "g"].map((x) => `att.time_maa_${x}`),
  rwkv7: ["r", "w", "k", "v", "a", "g"].map((x) => `att.x_${x}`),
};

export const fusedName = "time_mix_lerp_fused.weight";

/** llama.cpp's name and the official one, outside the layers. */
export const outerNames: readonly (readonly [string, string])[] = [
  ["token_embd.weight", "emb.weight"],
  ["token_embd_norm.weight", "blocks.0.ln0.weight"],
  ["token_embd_norm.bias", "blocks.0.ln0.bias"],
  ["output_norm.weight", "ln_out.weight"],
  ["output_norm.bias", "ln_out.bias"],
  ["output.weight", "head.weight"],
];

/** @throws ModelError if this is no RWKV, or one that is not read */
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
      // Files of before the mixtures were joined.
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

/** What llama.cpp asks for and RWKV-7's first layer does not use. */
function isUnusedValue(rest: string): boolean {
  return /^time_mix_v[012]\.weight$/.test(rest);
}

function isOutput(official: string): boolean {
  return official === "att.output.weight" || official === "ffn.value.weight";
}

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

function count(metadata: Metadata, key: string): number {
  const value = metadata.get(key);
  return typeof value === "number" && Number.isInteger(value) && value > 0
    ? value
    : 0;
}
