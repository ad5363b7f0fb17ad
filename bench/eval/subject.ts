import { OnnxModel } from "../../src/engine/onnxModel";
import { loadModel } from "../../src/runtime/loadedModel";
import { readManifest } from "../../src/models/package/modelPackage";
import type { PredictionSources } from "../../src/runtime/continuation";
import { Runtime } from "../../src/runtime/runtime";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";
import { SteadyModel } from "./steadyModel";

/** Bytes for states and indexes: enough for a file, so that nothing is dropped during an evaluation. */
const budget = 2e9;

/** The model that the figures belong to. */
export interface Description {
  readonly name: string;
  readonly parameters: number;
  readonly packageBytes: number;
}

/** A model that is evaluated, made of the same parts as in the product. */
export interface Subject {
  readonly description: Description;
  readonly tokenizer: Tokenizer;
  readonly network: SteadyModel;
  readonly runtime: Runtime;
  readonly sources: PredictionSources;
  readonly documentStart: (path: string) => number[];
}

/**
 * @param options.copies whether copies and n-grams are mixed in, as in the product
 * @param options.isSteady whether results are independent of the machine's speed; else the runtime
 *   is the product's own, as fast as that
 * @throws ModelError as `loadModel` does
 */
export async function openSubject(
  folder: string,
  {
    copies = true,
    isSteady = true,
  }: { copies?: boolean; isSteady?: boolean } = {},
): Promise<Subject> {
  const signal = new AbortController().signal;
  const loaded = await loadModel(folder, {
    threads: 1,
    memoryBudget: budget,
    signal,
  });
  const { tokenizer } = loaded;
  if (!(loaded.network instanceof OnnxModel))
    throw new TypeError("no ONNX model");
  const manifest = readManifest(folder);
  const network = new SteadyModel(loaded.network);
  const sources = copies
    ? loaded.sources
    : { firstText: loaded.sources.firstText };
  return {
    description: {
      name: manifest.name,
      parameters: manifest.parameters,
      packageBytes: Object.values(manifest.files).reduce(
        (sum, { bytes }) => sum + bytes,
        0,
      ),
    },
    tokenizer,
    network,
    runtime: isSteady
      ? new Runtime(network, { budgetBytes: budget, tokenizer, ...sources })
      : loaded.runtime,
    sources,
    documentStart: (path) => loaded.documentStart(path),
  };
}
