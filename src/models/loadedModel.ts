import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CopyGate } from "../engine/copyGate";
import type { LanguageModel } from "../engine/model";
import { OnnxModel } from "../engine/onnxModel";
import { StateCache } from "../state/stateCache";
import { BpeTokenizer } from "../tokenizer/bpe";
import { bytesOfText, encode, type Tokenizer } from "../tokenizer/tokenizer";
import { graphFile, weightsFile, type Manifest } from "./manifest";
import { ModelError } from "./modelError";
import { openModelPackage } from "./modelPackage";
import { Safetensors } from "./safetensors";

/** Above this a model is too slow to complete while typing. */
const slowMsPerToken = 20;

/** A model that is ready to complete: engine, tokenizer and the states of its documents. */
export interface LoadedModel {
  readonly name: string;
  /** For a human: what it is and how fast. */
  readonly description: string;
  /** One sentence, when the model is too slow to be a pleasure here. */
  readonly warning?: string | undefined;
  readonly tokenizer: Tokenizer;
  readonly model: LanguageModel;
  readonly cache: StateCache;
  readonly weightBytes: number;
  /** Tokens that stand before a document's text and tell its path ('/'-separated, relative). */
  documentStart(path: string): number[];
  dispose(): Promise<void>;
}

export interface LoadOptions {
  /** 0 leaves the choice to the runtime. */
  threads: number;
  /** Bytes that the states of all documents may hold. */
  memoryBudget: number;
  signal: AbortSignal;
  onProgress?: (share: number) => void;
}

/**
 * Loads the model package in `folder`.
 *
 * @throws ModelError with one sentence that names the fix
 * @throws the signal's reason when it is aborted
 */
export async function loadModel(
  folder: string,
  options: LoadOptions,
): Promise<LoadedModel> {
  const { threads, memoryBudget, signal } = options;
  const manifest = await openModelPackage(folder, signal, options.onProgress);
  const tokenizer = await loadTokenizer(folder, manifest);
  const copyGate = loadCopyGate(folder, manifest);
  let model: OnnxModel;
  try {
    model = await OnnxModel.load(
      join(folder, graphFile),
      manifest.vocabulary,
      threads,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelError(
      `the model in ${folder} cannot be loaded (${reason}); import it again`,
      {
        cause: error,
      },
    );
  }
  const { file, text } = manifest.documentStart;
  const cache = new StateCache(model, {
    budget: memoryBudget,
    copyGate,
    firstText: firstText(tokenizer),
    startLength: (tokens) => tokens.indexOf(text) + 1,
  });
  const speed = `${model.msPerToken.toFixed(1)} ms/token`;
  return {
    name: manifest.name,
    description: `${manifest.name} · RWKV-7, ${millions(manifest.parameters)} parameters, ${manifest.quantisation} · ${speed}`,
    warning:
      model.msPerToken > slowMsPerToken
        ? `${manifest.name} needs ${speed} on this machine, which is too slow to complete while typing; choose a smaller model or int4`
        : undefined,
    tokenizer,
    model,
    cache,
    weightBytes: manifest.files[weightsFile]!.bytes,
    documentStart: (path) => [
      file,
      ...encode(tokenizer, bytesOfText(header(path))),
      text,
    ],
    dispose: () => model.dispose(),
  };
}

/** The end of a path says what a file is; where the workspace lies says nothing. */
function header(path: string): string {
  return path.split("/").slice(-3).join("/");
}

async function loadTokenizer(
  folder: string,
  { tokenizer, vocabulary }: Manifest,
) {
  const path = join(folder, tokenizer.file);
  try {
    const loaded = new BpeTokenizer(JSON.parse(await readFile(path, "utf8")));
    if (loaded.vocabularySize > vocabulary)
      throw new Error("it has more tokens than the model");
    return loaded;
  } catch (error) {
    throw new ModelError(
      `${path} is no usable tokenizer (${(error as Error).message})`,
      {
        cause: error,
      },
    );
  }
}

function loadCopyGate(
  folder: string,
  { copyGate, width }: Manifest,
): CopyGate | undefined {
  if (copyGate === undefined) return undefined;
  const weights = new Safetensors(join(folder, copyGate));
  try {
    return new CopyGate(weights, width);
  } finally {
    weights.close();
  }
}

/** The first id that stands for text: special tokens come before it. */
function firstText(tokenizer: Tokenizer): number {
  let token = 0;
  while (
    token < tokenizer.vocabularySize &&
    tokenizer.bytesOf(token).length === 0
  )
    token++;
  return token;
}

function millions(parameters: number): string {
  return `${(parameters / 1e6).toFixed(parameters < 1e7 ? 1 : 0)} M`;
}
