import { join } from "node:path";
import { seededRandom } from "../../src/engine/sampling";
import { buildModelPackage } from "../../src/models/package/build";
import { encodeFp32 } from "../../src/models/formats/encode";
import { Safetensors } from "../../src/models/formats/safetensors";
import { writeSafetensors } from "../../src/models/formats/writeSafetensors";
import {
  inMemory,
  MemoryWeights,
} from "../models/formats/writers/memoryWeights";
import { makeTinyModel, type TinyModel } from "../support/tinyModel";

/** Numbers of a vector. */
const columns = 16;

/** A tiny model that compares its hidden state with earlier ones, and makes much of what followed there. */
export async function makeNeighbourModel(): Promise<TinyModel> {
  const tiny = await makeTinyModel();
  const sources = join(tiny.folder, "..");
  const gate = new Safetensors(join(sources, "copy.safetensors"));
  const tensors = inMemory(gate);
  gate.close();
  const width = tiny.weights.get("ln_out.weight")!.values.length;
  const random = seededRandom(2000);
  const add = (name: string, dims: number[], value: (i: number) => number) =>
    tensors.set(`neighbours.${name}`, {
      dims,
      values: Float32Array.from(
        { length: dims.reduce((a, b) => a * b, 1) },
        (_, i) => value(i),
      ),
    });
  add("weight", [columns, width], () => random() - 0.5);
  add("sharpness", [1], () => 20);
  add("elsewhere", [1], () => -0.5);
  add("share_weight", [width], () => 0.2 * (random() - 0.5));
  add("share", [4], (i) => [-1, 1, 1, 0.5][i]!);
  const withNeighbours = join(sources, "neighbours.safetensors");
  writeSafetensors(withNeighbours, new MemoryWeights(tensors), encodeFp32);
  const folder = join(sources, "with neighbours");
  await buildModelPackage(
    {
      weights: join(sources, "model.safetensors"),
      tokenizer: join(sources, "tokenizer.json"),
      gate: withNeighbours,
      documents: [],
      name: "tiny with neighbours",
      license: "Apache-2.0",
      provenance: "random weights for tests",
    },
    "none",
    folder,
  );
  return { ...tiny, folder };
}
