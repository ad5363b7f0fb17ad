import {
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildGraph,
  shapeOf,
  type BuildOptions,
  type Generation,
} from "../../src/engine/build";
import type { State } from "../../src/engine/model";
import { OnnxModel } from "../../src/engine/onnxModel";
import type { Weights } from "../../src/engine/weights";

/** Builds a checkpoint's graph in a folder of its own, loads it, and cleans up after `use`. */
export async function withModel<T>(
  generation: Generation,
  weights: Weights,
  use: (model: OnnxModel) => Promise<T>,
  options: Partial<Omit<BuildOptions, "weightsFile" | "write">> = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "rwkv-engine-"));
  try {
    const path = join(folder, "model.onnx");
    const descriptor = openSync(join(folder, "weights.bin"), "w");
    try {
      const graph = buildGraph(generation, weights, {
        quantisation: "none",
        weightsFile: "weights.bin",
        write: (bytes) => {
          for (let done = 0; done < bytes.length;)
            done += writeSync(descriptor, bytes, done);
        },
        ...options,
      });
      writeFileSync(path, graph);
    } finally {
      closeSync(descriptor);
    }
    const { vocabulary } = shapeOf(generation, weights);
    const model = await OnnxModel.load(path, vocabulary, 1);
    try {
      return await use(model);
    } finally {
      await model.dispose();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Logits after every token, and the last state; `lengths` are the lengths of the runs, in order. */
export async function runInChunks(
  model: OnnxModel,
  tokens: readonly number[],
  lengths: Iterable<number>,
): Promise<{ logits: Float32Array[]; state: State }> {
  const logits: Float32Array[] = [];
  let state = model.emptyState;
  let start = 0;
  for (const length of lengths) {
    const chunk = tokens.slice(start, start + length);
    const step = await model.step(
      chunk,
      state,
      chunk.map((_, position) => position),
    );
    for (let i = 0; i < chunk.length; i++)
      logits.push(
        step.logits.subarray(
          i * model.vocabularySize,
          (i + 1) * model.vocabularySize,
        ),
      );
    state = step.state;
    start += length;
  }
  return { logits, state };
}

/** The largest difference between two arrays; infinite if one holds NaN or they differ in length. */
export function largestDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest))
      largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}
