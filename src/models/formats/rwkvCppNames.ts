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
 * How tensors in rwkv.cpp differ from the official ones. rwkv.cpp's converter
 * (python/convert_pytorch_to_ggml.py in RWKV/rwkv.cpp) keeps the names, but
 * - removes dimensions of 1 from `time_…` vectors (RWKV-4 to 6);
 * - transposes low-rank factors (RWKV-6 and 7);
 * - joins the six token-shift mixtures of RWKV-7 in `x_rwkvag`;
 * - stores −exp(w) for the decay w of RWKV-4, exp(−exp(w)) for that of RWKV-5, and exp(u) for the
 *   `time_first` u of RWKV-5.
 */
type Tensors = ReadonlyMap<string, TensorView>;

/**
 * The tensors of an rwkv.cpp file under their official names and in their official layouts.
 *
 * @throws ModelError if a tensor has a shape that the converter does not write, or a name occurs twice.
 *   Reading the values of a tensor throws one if the converter cannot have written a value.
 */
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

/** Gives a tensor its official layout. @param rest its name within the layer */
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

/** The least logarithm: exp(−104) is 0 as a float32, so a smaller one would make no difference. */
const least = -104;

/** w of RWKV-4 from −exp(w), or why the value is impossible. */
function logOfDecayRate(rate: number): number | Message {
  if (rate > 0) return message("no decay rate");
  return Math.max(least, Math.log(-rate));
}

/**
 * w of RWKV-5 from the decay exp(−exp(w)), or why the value is impossible. A decay near 0 or 1 was
 * rounded when it was stored, so w is limited to ln 104 and −18: their decays, exp(−104) and
 * exp(−exp(−18)) > 1 − 2⁻²⁵, round to 0 and 1. The decay computed from w differs from the stored one
 * by at most 10⁻⁷.
 */
function logLogOfDecay(decay: number): number | Message {
  if (decay < 0 || decay > 1) return message("no decay");
  return Math.min(Math.log(-least), Math.max(-18, Math.log(-Math.log(decay))));
}

/** u of RWKV-5 from exp(u), or why the value is impossible. */
function logOfBonus(bonus: number): number | Message {
  if (bonus < 0) return message("no bonus");
  return Math.max(least, Math.log(bonus));
}
