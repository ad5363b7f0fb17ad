import {
  encodeFp32,
  type Encoder,
} from "../../../../src/models/formats/encode";
import { writeFile } from "../../../../src/models/formats/fileWriter";
import type { NamedWeights } from "../../../../src/models/formats/writeSafetensors";
import { joined, transpose, type Tensor } from "./memoryWeights";
import { fields } from "./zip";

const typeNumbers: Readonly<Record<string, number>> = {
  FP32: 0,
  FP16: 1,
  Q4_0: 2,
  Q4_1: 3,
  Q5_0: 7,
  Q5_1: 8,
  Q8_0: 9,
};

/**
 * Writes an rwkv.cpp file from official tensors, as convert_pytorch_to_ggml.py and then, for
 * quantised types, the quantise command of that project do.
 */
export function writeRwkvCpp(
  path: string,
  weights: NamedWeights,
  encoder: Encoder = encodeFp32,
  version = 101,
): void {
  const layers = weights
    .names()
    .filter((name) => name.endsWith(".ln1.weight")).length;
  const [vocabulary = 0, width = 0] = weights.dims("emb.weight");
  const type = typeNumbers[encoder.type.name]!;
  writeFile(path, (file) => {
    file.write(words(0x67676d66, version, vocabulary, width, layers, type));
    for (const name of weights.names()) {
      const official = {
        dims: weights.dims(name),
        values: weights.float32(name),
      };
      const [to, tensor] = asRwkvCpp(name, official, weights);
      if (tensor === undefined) continue;
      const used = isQuantised(to, tensor, encoder) ? encoder : encodeFp32;
      const { dims, values } = tensor;
      file.write(words(dims.length, to.length, typeNumbers[used.type.name]!));
      file.write(words(...[...dims].reverse()));
      file.write(Buffer.from(to));
      file.write(used.encode(values));
    }
  });
}

function isQuantised(
  name: string,
  { dims }: Tensor,
  { type }: Encoder,
): boolean {
  if (type.values > 1)
    return (
      dims.length === 2 && !/^(emb|head)\./.test(name) && /\.weight$/.test(name)
    );
  return dims.length > 1 && !/time_|\.[kr]_[ka]|x_|\.[wav]0$/.test(name);
}

/** The tensor as the converter leaves it; undefined if it went into another one. */
function asRwkvCpp(
  name: string,
  tensor: Tensor,
  weights: NamedWeights,
): [string, Tensor | undefined] {
  const { dims, values } = tensor;
  if (weights.has("blocks.0.att.r_k")) {
    const [, prefix, x] = /^(.*\.att\.)x_([rwkvag])$/.exec(name) ?? [];
    if (x !== undefined && x !== "r") return [name, undefined];
    if (x !== undefined) {
      const parts = [..."rwkvag"].map((letter) => ({
        dims,
        values: weights.float32(`${prefix}x_${letter}`),
      }));
      return [`${prefix}x_rwkvag`, joined(parts, [6, 1, dims.at(-1)!])];
    }
    return [name, /\.att\.[wavg][12]$/.test(name) ? transpose(tensor) : tensor];
  }
  if (!name.includes(".time_")) return [name, tensor];
  const squeezed = { dims: dims.filter((dim) => dim !== 1), values };
  const mapped = (
    change: (x: number) => number,
    ...more: number[]
  ): Tensor => ({
    dims: [...squeezed.dims, ...more],
    values: values.map(change),
  });
  const same = (x: number) => x;
  if (weights.has("blocks.0.att.time_maa_x")) {
    if (name.endsWith(".time_faaaa")) return [name, mapped(same, 1)];
    if (/_w[12]$/.test(name)) return [name, transpose(squeezed)];
    if (name.endsWith(".time_decay")) {
      const heads = weights.dims("blocks.0.att.time_faaaa")[0]!;
      return [name, { dims: [heads, values.length / heads, 1], values }];
    }
    return [name, squeezed];
  }
  const isRwkv5 = weights.has("blocks.0.att.ln_x.weight");
  if (!isRwkv5) {
    const decay = name.endsWith(".time_decay");
    return [name, decay ? mapped((w) => -Math.exp(w)) : squeezed];
  }
  const more = squeezed.dims.length === 2 ? [1] : [1, 1];
  if (name.endsWith(".time_decay"))
    return [name, mapped((w) => Math.exp(-Math.exp(w)), ...more)];
  if (name.endsWith(".time_first")) return [name, mapped(Math.exp, ...more)];
  if (name.endsWith(".time_faaaa")) return [name, mapped(same, ...more)];
  return [name, squeezed];
}

function words(...values: number[]): Buffer {
  return fields(values.map((value) => [4, value] as const));
}
