import { message } from "../../messages";
import { quoted, type ByteFile } from "./byteFile";
import { OfficialTensors } from "./officialTensors";
import {
  asVector,
  part,
  reordered,
  reshaped,
  transposed,
  type TensorView,
} from "./tensorView";

/**
 * How the tensors of Hugging Face implementations differ from the official ones. Implementations:
 * - flash-linear-attention's RWKV-7 and RWKV-6 (`fla/layers/rwkv7.py`, `rwkv6.py` and
 *   `utils/convert_from_rwkv7.py`, `convert_from_rwkv6.py` in fla-org/flash-linear-attention), with
 *   names that begin with `model.layers.`;
 * - transformers' RWKV-4 and the repositories of RWKV-5 and RWKV-6, with names that begin with
 *   `rwkv.blocks.`.
 *
 * The names here lack the prefix `model.` or `rwkv.`, which `plainNames` has removed.
 */
type Tensors = ReadonlyMap<string, TensorView>;
type Change = (view: TensorView) => TensorView;

/** For a tensor of a layer: its official name in the layer, and how to get its official layout. */
type Rule = readonly [official: string, change?: Change];

/** The official names of tensors outside the layers. */
const outside: Readonly<Record<string, string>> = {
  "embeddings.weight": "emb.weight",
  "norm.weight": "ln_out.weight",
  "norm.bias": "ln_out.bias",
  "lm_head.weight": "head.weight",
  "ln_out.weight": "ln_out.weight",
  "ln_out.bias": "ln_out.bias",
  "head.weight": "head.weight",
};

const norms = {
  ...bothOf("pre_norm", "ln0"),
  ...bothOf("attn_norm", "ln1"),
  ...bothOf("ffn_norm", "ln2"),
  ...bothOf("attn.g_norm", "att.ln_x"),
};

const rwkv7: Readonly<Record<string, Rule>> = {
  ...norms,
  ...Object.fromEntries(
    ["r", "w", "k", "v", "a", "g"].map((x) => [
      `attn.x_${x}`,
      [`att.x_${x}`, asVector],
    ]),
  ),
  // The weight of a linear layer is the transpose of the official low-rank factor.
  ...Object.fromEntries(
    ["w", "v", "a", "g"].flatMap((x) => [
      [`attn.${x}_lora.lora.0.weight`, [`att.${x}1`, transposed]],
      [`attn.${x}_lora.lora.2.weight`, [`att.${x}2`, transposed]],
      [`attn.${x}_lora.lora.2.bias`, [`att.${x}0`, asVector]],
    ]),
  ),
  "attn.k_k": ["att.k_k", asVector],
  "attn.k_a": ["att.k_a", asVector],
  "attn.r_k": ["att.r_k"],
  "attn.r_proj.weight": ["att.receptance.weight"],
  "attn.k_proj.weight": ["att.key.weight"],
  "attn.v_proj.weight": ["att.value.weight"],
  "attn.o_proj.weight": ["att.output.weight"],
  "ffn.x_k": ["ffn.x_k", asVector],
  "ffn.key.weight": ["ffn.key.weight"],
  "ffn.value.weight": ["ffn.value.weight"],
};

/**
 * Official tensors of RWKV-6 join parts in the order w, k, v, r, g; flash-linear-attention joins them in
 * the order r, w, k, v, g. Part i of an official tensor is part officialOrder[i] there.
 */
const officialOrder = [1, 2, 3, 0, 4];
const flaOrder = ["r", "w", "k", "v", "g"];

const rwkv6: Readonly<Record<string, Rule>> = {
  ...norms,
  "attn.x_proj.0.mu": ["att.time_maa_x", asVector],
  // [5 · rank, width] to [width, 5 · rank].
  "attn.x_proj.0.linear.weight": [
    "att.time_maa_w1",
    (view) => transposed(reordered(view, officialOrder)),
  ],
  // [width, 5 · rank] to [5, rank, width].
  "attn.x_proj.2.weight": [
    "att.time_maa_w2",
    (view) => {
      const [width, ranks] = [view.dims[0] ?? 1, view.dims[1] ?? 1];
      return reshaped(reordered(transposed(view), officialOrder), [
        5,
        ranks / 5,
        width,
      ]);
    },
  ],
  "attn.bonus": ["att.time_faaaa"],
  "attn.w_proj.linear.lora.0.weight": ["att.time_decay_w1", transposed],
  "attn.w_proj.linear.lora.2.weight": ["att.time_decay_w2", transposed],
  "attn.w_proj.linear.lora.2.bias": ["att.time_decay", asVector],
  "attn.r_proj.linear.weight": ["att.receptance.weight"],
  "attn.k_proj.linear.weight": ["att.key.weight"],
  "attn.v_proj.linear.weight": ["att.value.weight"],
  "attn.g_proj.linear.weight": ["att.gate.weight"],
  "attn.o_proj.weight": ["att.output.weight"],
  "ffn.key.mu": ["ffn.time_maa_k", asVector],
  "ffn.key.linear.weight": ["ffn.key.weight"],
  "ffn.receptance.mu": ["ffn.time_maa_r", asVector],
  "ffn.receptance.linear.weight": ["ffn.receptance.weight"],
  "ffn.value.weight": ["ffn.value.weight"],
};

/** Whether tensors have Hugging Face's names and not the official ones. */
export function isHuggingFace(tensors: Tensors): boolean {
  return tensors.has("embeddings.weight");
}

/**
 * The tensors of a Hugging Face checkpoint under their official names and in their official layouts.
 *
 * @throws ModelError that names a tensor which belongs to no RWKV
 */
export function officialFromHuggingFace(
  file: ByteFile,
  tensors: Tensors,
): Map<string, TensorView> {
  const rules = tensors.has("layers.0.attn.x_proj.0.mu") ? rwkv6 : rwkv7;
  const official = new OfficialTensors(file);
  for (const [name, view] of tensors) {
    if (Object.hasOwn(outside, name)) {
      official.add(name, outside[name]!, view);
      continue;
    }
    // A scalar is a counter that was saved with the weights.
    if (view.dims.length === 0) continue;
    const blocks = /^blocks\.(\d+)\.(.+)$/.exec(name);
    if (blocks !== null) {
      const [, layer, rest] = blocks as unknown as [string, string, string];
      const to = transformersName(rest);
      official.add(
        name,
        `blocks.${Number(layer)}.${to}`,
        isMixture(to) ? asVector(view) : view,
      );
      continue;
    }
    const [, layer, rest] = /^layers\.(\d+)\.(.+)$/.exec(name) ?? [];
    if (layer !== undefined && rest !== undefined) {
      const prefix = `blocks.${Number(layer)}.`;
      if (rest === "attn.x_x") {
        // The first version of RWKV-7 in flash-linear-attention joined the six mixtures.
        ["r", "w", "k", "v", "a", "g"].forEach((x, index) => {
          const dims = [1, 1, view.dims.at(-1) ?? 1];
          official.add(name, `${prefix}att.x_${x}`, part(view, index, 6, dims));
        });
        continue;
      }
      if (rest === "attn.x_bias") {
        flaOrder.forEach((x, index) => {
          const dims = [1, 1, view.dims.at(-1) ?? 1];
          official.add(
            name,
            `${prefix}att.time_maa_${x}`,
            part(view, index, 5, dims),
          );
        });
        continue;
      }
      if (Object.hasOwn(rules, rest)) {
        const [to, change] = rules[rest]!;
        official.add(
          name,
          prefix + to,
          change === undefined ? view : change(view),
        );
        continue;
      }
    }
    throw file.refusal(
      message("tensor unknown", message("tensor", quoted(name))),
    );
  }
  return official.byName;
}

/** The official name, within a layer, of a tensor of transformers' RWKV-4 or its successors. */
function transformersName(rest: string): string {
  return rest
    .replace(/^pre_ln\./, "ln0.")
    .replace(/^attention\./, "att.")
    .replace(/^feed_forward\./, "ffn.")
    .replace(
      /\.time_mix_(key|value|receptance|gate)$/,
      (_, mixed: string) => `.time_mix_${mixed[0]}`,
    );
}

/** Whether an official name is that of a token-shift mixture. */
function isMixture(name: string): boolean {
  return /\.time_(mix|maa)_[a-z]$/.test(name);
}

/** The rules for weight and bias of a norm. */
function bothOf(from: string, to: string): Record<string, Rule> {
  return {
    [`${from}.weight`]: [`${to}.weight`],
    [`${from}.bias`]: [`${to}.bias`],
  };
}
