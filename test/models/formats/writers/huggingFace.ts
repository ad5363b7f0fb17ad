import {
  joined,
  MemoryWeights,
  transpose,
  type Tensor,
  type Tensors,
} from "./memoryWeights";

/**
 * Official RWKV-6 or 7 tensors under flash-linear-attention's names and in its layouts (its
 * utils/convert_from_rwkv6.py and convert_from_rwkv7.py).
 */
export function asHuggingFace(tensors: Tensors): MemoryWeights {
  const renamed = new Map<string, Tensor>();
  const isRwkv7 = tensors.has("blocks.0.att.r_k");
  for (const [name, tensor] of tensors) {
    const [, layer, rest] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
    if (layer === undefined) {
      renamed.set(outside[name] ?? name, tensor);
      continue;
    }
    const prefix = `model.layers.${layer}.`;
    const norm = norms.find(([official]) => rest!.startsWith(`${official}.`));
    if (norm !== undefined) {
      renamed.set(prefix + rest!.replace(norm[0], norm[1]), tensor);
    } else if (isRwkv7) {
      renamed.set(...rwkv7(prefix, rest!, tensor));
    } else {
      for (const [to, value] of rwkv6(prefix, rest!, tensor, tensors, layer))
        renamed.set(to, value);
    }
  }
  return new MemoryWeights(renamed);
}

const outside: Readonly<Record<string, string>> = {
  "emb.weight": "model.embeddings.weight",
  "ln_out.weight": "model.norm.weight",
  "ln_out.bias": "model.norm.bias",
  "head.weight": "lm_head.weight",
};

const norms = [
  ["ln0", "pre_norm"],
  ["ln1", "attn_norm"],
  ["ln2", "ffn_norm"],
  ["att.ln_x", "attn.g_norm"],
] as const;

const projections: Readonly<Record<string, string>> = {
  "att.receptance.weight": "attn.r_proj",
  "att.key.weight": "attn.k_proj",
  "att.value.weight": "attn.v_proj",
  "att.gate.weight": "attn.g_proj",
  "att.output.weight": "attn.o_proj",
};

function rwkv7(prefix: string, rest: string, tensor: Tensor): [string, Tensor] {
  const [, x, part] = /^att\.([wavg])([012])$/.exec(rest) ?? [];
  if (part === "1")
    return [`${prefix}attn.${x}_lora.lora.0.weight`, transpose(tensor)];
  if (part === "2")
    return [`${prefix}attn.${x}_lora.lora.2.weight`, transpose(tensor)];
  if (part === "0")
    return [`${prefix}attn.${x}_lora.lora.2.bias`, flat(tensor)];
  const projection = projections[rest];
  if (projection !== undefined)
    return [`${prefix}${projection}.weight`, tensor];
  const flattened = /\.(k_k|k_a|x_k)$/.test(rest) && !rest.startsWith("att.x_");
  return [
    prefix + rest.replace(/^att\./, "attn."),
    flattened ? flat(tensor) : tensor,
  ];
}

/** r, w, k, v, g instead of w, k, v, r, g. */
const order = [3, 0, 1, 2, 4];

function rwkv6(
  prefix: string,
  rest: string,
  tensor: Tensor,
  tensors: Tensors,
  layer: string,
): [string, Tensor][] {
  const att = `${prefix}attn.`;
  const pick = (all: Tensor, dims: readonly number[]): Tensor => {
    const size = all.values.length / 5;
    const parts = order.map((i) => ({
      dims,
      values: all.values.slice(i * size, (i + 1) * size),
    }));
    return joined(parts, dims);
  };
  switch (rest) {
    case "att.time_maa_x":
      return [[`${att}x_proj.0.mu`, flat(tensor)]];
    case "att.time_maa_w1": {
      const rows = transpose(tensor);
      return [[`${att}x_proj.0.linear.weight`, pick(rows, rows.dims)]];
    }
    case "att.time_maa_w2": {
      const [, rank, width] = tensor.dims as [number, number, number];
      const rows = pick(tensor, [5 * rank, width]);
      return [[`${att}x_proj.2.weight`, transpose(rows)]];
    }
    case "att.time_maa_r": {
      const parts = [..."rwkvg"].map((x) =>
        tensors.get(`blocks.${layer}.att.time_maa_${x}`)!,
      );
      return [[`${att}x_bias`, joined(parts, [5, tensor.values.length])]];
    }
    case "att.time_decay":
      return [[`${att}w_proj.linear.lora.2.bias`, flat(tensor)]];
    case "att.time_decay_w1":
      return [[`${att}w_proj.linear.lora.0.weight`, transpose(tensor)]];
    case "att.time_decay_w2":
      return [[`${att}w_proj.linear.lora.2.weight`, transpose(tensor)]];
    case "att.time_faaaa":
      return [[`${att}bonus`, tensor]];
    case "att.output.weight":
      return [[`${att}o_proj.weight`, tensor]];
    case "ffn.time_maa_k":
      return [[`${prefix}ffn.key.mu`, flat(tensor)]];
    case "ffn.time_maa_r":
      return [[`${prefix}ffn.receptance.mu`, flat(tensor)]];
    case "ffn.key.weight":
    case "ffn.receptance.weight":
      return [[prefix + rest.replace(".weight", ".linear.weight"), tensor]];
    case "ffn.value.weight":
      return [[prefix + rest, tensor]];
  }
  const projection = projections[rest];
  // What is left are the mixtures that went into x_bias.
  if (projection === undefined) return [];
  return [[`${prefix}${projection}.linear.weight`, tensor]];
}

function flat({ values }: Tensor): Tensor {
  return { dims: [values.length], values };
}
