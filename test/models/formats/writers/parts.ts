import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeFp32,
  type Encoder,
} from "../../../../src/models/formats/encode";
import { writeSafetensors } from "../../../../src/models/formats/writeSafetensors";
import { MemoryWeights, type Tensor, type Tensors } from "./memoryWeights";
import { writePth } from "./pth";

export interface Parts {
  /** Path of the index, and of the parts in order. */
  index: string;
  parts: string[];
}

/** Writes a checkpoint as Hugging Face's libraries do above a size: `count` parts and an index. */
export function writeParts(
  folder: string,
  tensors: Tensors,
  kind: "safetensors" | "bin",
  count: number,
  encoder: Encoder = encodeFp32,
): Parts {
  mkdirSync(folder, { recursive: true });
  const start = kind === "bin" ? "pytorch_model" : "model";
  const digits = (n: number) => String(n).padStart(5, "0");
  const names = Array.from(
    { length: count },
    (_, i) => `${start}-${digits(i + 1)}-of-${digits(count)}.${kind}`,
  );
  const weightMap: Record<string, string> = {};
  const shares = names.map(() => new Map<string, Tensor>());
  [...tensors].forEach(([name, tensor], i) => {
    const part = Math.floor((i * count) / tensors.size);
    shares[part]!.set(name, tensor);
    weightMap[name] = names[part]!;
  });
  names.forEach((name, i) => {
    const write = kind === "bin" ? writePth : writeSafetensors;
    write(join(folder, name), new MemoryWeights(shares[i]!), encoder);
  });
  const index = join(folder, `${start}.${kind}.index.json`);
  writeFileSync(
    index,
    JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap }),
  );
  return { index, parts: names.map((name) => join(folder, name)) };
}
