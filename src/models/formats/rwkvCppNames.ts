import { message, type Message } from "../../messages";
import { quoted, type ByteFile } from "./byteFile";
import {
  asVector,
  changed,
  part,
  reshaped,
  transposed,
  type TensorView,
} from "./tensorView";

/**
 * Official tensors from rwkv.cpp's, whose converter (python/convert_pytorch_to_ggml.py in
 * RWKV/rwkv.cpp) keeps the names but
 * - drops the dimensions of one from `time_…` vectors (RWKV-4 to 6),
 * - transposes low-rank factors (RWKV-6 and 7) and joins the six mixtures of RWKV-7 in `x_rwkvag`,
 * - stores the decay as it is used: −exp(w) for RWKV-4, exp(−exp(w)) for RWKV-5, and exp(u) for the
 *   `time_first` of RWKV-5.
 */
type Tensors = ReadonlyMap<string, TensorView>;

/** @throws ModelError if the shape or a value is none that the converter writes */
export function officialFromRwkvCpp(
  file: ByteFile,
  tensors: Tensors,
): Map<string, TensorView> {
  const layout = layoutOf(tensors);
  const official = new Map<string, TensorView>();
  for (const [name, view] of tensors) {
    const [, prefix, rest] = /^(blocks\.\d+\.)(.+)$/.exec(name) ?? [];
    if (prefix === undefined || rest === undefined) {
      official.set(name, view);
      continue;
    }
    if (rest === "att.x_rwkvag") {
      const dims = [1, 1, view.dims.at(-1)!];
      ["r", "w", "k", "v", "a", "g"].forEach((x, i) =>
        add(`${prefix}att.x_${x}`, part(view, i, 6, dims)),
      );
    } else {
      add(name, layout(rest, view));
    }
  }
  return official;

  function add(name: string, view: TensorView): void {
    if (official.has(name))
      throw file.refusal(message("two are", quoted(name)));
    official.set(name, view);
  }
}

type Layout = (rest: string, view: TensorView) => TensorView;

function layoutOf(tensors: Tensors): Layout {
  if (tensors.has("blocks.0.att.k_k")) return rwkv7;
  if (tensors.has("blocks.0.att.time_maa_x")) return rwkv6;
  return tensors.has("blocks.0.att.ln_x.weight") ? rwkv5 : rwkv4;
}

const rwkv4: Layout = (rest, view) => {
  if (rest === "att.time_decay") return changed(view, logOfDecayRate);
  return /\.time_mix_[a-z]$/.test(rest) ? asVector(view) : view;
};

const rwkv5: Layout = (rest, view) => {
  if (rest === "att.time_decay") return changed(perHead(view), logLogOfDecay);
  if (rest === "att.time_first") return changed(perHead(view), logOfBonus);
  if (rest === "att.time_faaaa") return perHead(view);
  return /\.time_mix_[a-z]$/.test(rest) ? asVector(view) : view;
};

const rwkv6: Layout = (rest, view) => {
  if (rest === "att.time_faaaa") return perHead(view);
  if (/^att\.time_(maa_w[12]|decay_w[12])$/.test(rest)) return transposed(view);
  return /\.time_(maa_[a-z]|decay)$/.test(rest) ? asVector(view) : view;
};

const rwkv7: Layout = (rest, view) => {
  if (/^att\.[wavg][12]$/.test(rest)) return transposed(view);
  return /^(att\.([wav]0|k_k|k_a)|ffn\.x_k)$/.test(rest)
    ? asVector(view)
    : view;
};

/** [heads, head size, 1] to [heads, head size], and [heads, 1, 1] to [heads]. */
function perHead(view: TensorView): TensorView {
  const dims = [...view.dims];
  while (dims.length > 1 && dims.at(-1) === 1) dims.pop();
  return reshaped(view, dims);
}

/** exp(−104) is zero as a float32: a smaller logarithm says no more. */
const least = -104;

/** w from −exp(w). */
function logOfDecayRate(rate: number): number | Message {
  if (rate > 0) return message("no decay rate");
  return Math.max(least, Math.log(-rate));
}

/**
 * w from exp(−exp(w)). Where that rounded to 0 or 1, a w that rounds the same way: a decay of at
 * most exp(−104) or of more than 1 − 2⁻²⁵. The decay computed from the result is the stored one to
 * 10⁻⁷.
 */
function logLogOfDecay(decay: number): number | Message {
  if (decay < 0 || decay > 1) return message("no decay");
  return Math.min(Math.log(-least), Math.max(-18, Math.log(-Math.log(decay))));
}

/** u from exp(u). */
function logOfBonus(bonus: number): number | Message {
  if (bonus < 0) return message("no bonus");
  return Math.max(least, Math.log(bonus));
}
