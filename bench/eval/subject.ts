import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Gate } from "../../src/engine/gate";
import { NgramTable } from "../../src/engine/ngramTable";
import { OnnxModel } from "../../src/engine/onnxModel";
import { Safetensors } from "../../src/models/formats/safetensors";
import { loadModel } from "../../src/models/loadedModel";
import { readManifest } from "../../src/models/modelPackage";
import { StateCache } from "../../src/state/stateCache";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";
import { SteadyModel } from "./steadyModel";

/** Nothing is to be given up for want of memory while a file is evaluated. */
const budget = 2e9;

/** What a figure is a figure of. */
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
  readonly cache: StateCache;
  readonly gate: Gate | undefined;
  readonly ngrams: NgramTable | undefined;
  /** Token ids below stand for no text. */
  readonly firstText: number;
  readonly documentStart: (path: string) => number[];
}

/** @throws ModelError as `loadModel` does */
export async function openSubject(folder: string): Promise<Subject> {
  const signal = new AbortController().signal;
  const loaded = await loadModel(folder, {
    threads: 1,
    memoryBudget: budget,
    signal,
  });
  const { tokenizer, model } = loaded;
  if (!(model instanceof OnnxModel)) throw new TypeError("no ONNX model");
  const manifest = await readManifest(folder);
  const network = new SteadyModel(model);
  const gate =
    manifest.gate === undefined
      ? undefined
      : readGate(join(folder, manifest.gate), manifest.width);
  const ngrams =
    manifest.ngrams === undefined
      ? undefined
      : new NgramTable(await readFile(join(folder, manifest.ngrams)));
  let firstText = 0;
  while (tokenizer.bytesOf(firstText).length === 0) firstText++;
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
    cache: new StateCache(network, {
      budget,
      tokenizer,
      gate,
      ngrams,
      firstText,
    }),
    gate,
    ngrams,
    firstText,
    documentStart: (path) => loaded.documentStart(path),
  };
}

function readGate(path: string, width: number): Gate {
  const weights = new Safetensors(path);
  try {
    return new Gate(weights, width);
  } finally {
    weights.close();
  }
}
