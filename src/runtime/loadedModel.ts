import { createHash } from "node:crypto";
import { join } from "node:path";
import { readLargeFile } from "../files/regularFile";
import { Gate } from "../engine/gate";
import type { LanguageModel } from "../engine/model";
import { NgramTable } from "../engine/ngramTable";
import { OnnxModel } from "../engine/onnxModel";
import { tableGate } from "../engine/tableGate";
import { StateStore } from "../state/stateStore";
import type { PredictionSources } from "./continuation";
import { Runtime } from "./runtime";
import { openTokenizer } from "../tokenizer/open";
import { bytesOfText, encode, type Tokenizer } from "../tokenizer/tokenizer";
import {
  graphFile,
  weightsFile,
  type Manifest,
} from "../models/package/manifest";
import { detailOf, inEnglish, message, type Message } from "../messages";
import { ModelError } from "../models/modelError";
import { checkGraph } from "../models/package/checkGraph";
import { openModelPackage } from "../models/package/modelPackage";
import { Safetensors } from "../models/formats/safetensors";

/** Above this a model is too slow to complete while typing. */
const slowMsPerToken = 20;

/** The bundled model's table has 8 MB. */
const largestNgrams = 256 << 20;

/** Bytes that the states of a workspace may take on disk. */
const savedBytes = 128 * 1024 * 1024;

/** A model that is ready to complete: engine, tokenizer and the states of its documents. */
export interface LoadedModel {
  readonly name: string;
  /** For a human: what it is and how fast. */
  readonly description: string;
  /** The same for the client to word. */
  readonly told?: Message | undefined;
  /** Once it is known that the model is too slow to be a pleasure here. */
  readonly warning?: () => Message | undefined;
  readonly tokenizer: Tokenizer;
  readonly network: LanguageModel;
  /** What suggestions are mixed from besides the network. */
  readonly sources: PredictionSources;
  /** What is kept of its documents. */
  readonly runtime: Runtime;
  /** Where states of its documents outlive the process. */
  readonly store?: StateStore | undefined;
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
  /** Folder in which states outlive the process; none if it is not given. */
  statesPath?: string | undefined;
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
  const tokenizer = loadTokenizer(folder, manifest);
  const sources = {
    gate: loadGate(folder, manifest),
    ngrams: await loadNgrams(folder, manifest),
    firstText: firstText(tokenizer),
  };
  await checkGraph(folder, manifest);
  let network: OnnxModel;
  try {
    network = await OnnxModel.load(
      join(folder, graphFile),
      manifest.vocabulary,
      threads,
    );
  } catch (error) {
    throw new ModelError(
      { code: "model not loadable", args: [folder, detailOf(error)] },
      {
        cause: error,
      },
    );
  }
  const start = documentStart(manifest, tokenizer);
  const store = options.statesPath
    ? await StateStore.open(options.statesPath, {
        model: identity(manifest),
        emptyState: network.emptyState,
        limit: savedBytes,
      })
    : undefined;
  const runtime = new Runtime(network, {
    store,
    budgetBytes: memoryBudget,
    tokenizer,
    ...sources,
    startLength: start.lengthIn,
  });
  const msPerToken = network.msPerToken.toFixed(1);
  const told: Message = {
    code: "model ready",
    args: [
      manifest.name,
      manifest.generation,
      millions(manifest.parameters),
      manifest.quantisation,
      msPerToken,
    ],
  };
  return {
    name: manifest.name,
    description: inEnglish(told),
    told,
    warning: () => slownessOf(manifest.name, network),
    tokenizer,
    network,
    sources,
    runtime,
    store,
    weightBytes: manifest.files[weightsFile]!.bytes,
    documentStart: start.tokens,
    dispose: () => network.dispose(),
  };
}

/** Set where a model is too slow, by runs that nothing has disturbed. */
function slownessOf(
  name: string,
  { undisturbedMsPerToken: ms = 0 }: LanguageModel,
): Message | undefined {
  return ms <= slowMsPerToken
    ? undefined
    : message("model slow", name, ms.toFixed(1));
}

/** A sha256 of all that a state depends on: graph, weights and tokenizer. */
function identity({ files }: Manifest): string {
  return createHash("sha256").update(JSON.stringify(files)).digest("hex");
}

/** The tokens before a document's text, and how many of a document's tokens they are. */
function documentStart(
  { documentStart: start }: Manifest,
  tokenizer: Tokenizer,
): {
  tokens: (path: string) => number[];
  lengthIn: (tokens: readonly number[]) => number;
} {
  if ("tokens" in start) {
    const { tokens } = start;
    return { tokens: () => [...tokens], lengthIn: () => tokens.length };
  }
  const { file, text } = start;
  return {
    tokens: (path) => [
      file,
      ...encode(tokenizer, bytesOfText(header(path))),
      text,
    ],
    lengthIn: (tokens) => tokens.indexOf(text) + 1,
  };
}

/** The end of a path says what a file is; where the workspace lies says nothing. */
function header(path: string): string {
  return path.split("/").slice(-3).join("/");
}

function loadTokenizer(
  folder: string,
  { tokenizer: spec, vocabulary }: Manifest,
): Tokenizer {
  try {
    const tokenizer = openTokenizer(folder, spec);
    if (tokenizer.vocabularySize > vocabulary)
      throw new Error("it has more tokens than the model");
    return tokenizer;
  } catch (error) {
    const path = spec.kind === "bytes" ? folder : join(folder, spec.file);
    throw new ModelError(
      {
        code: "package tokenizer unusable",
        args: [path, detailOf(error)],
      },
      { cause: error },
    );
  }
}

function loadGate(folder: string, { gate, width }: Manifest): Gate {
  if (gate === undefined) return tableGate();
  const weights = new Safetensors(join(folder, gate));
  try {
    return new Gate(weights, width);
  } finally {
    weights.close();
  }
}

async function loadNgrams(
  folder: string,
  { ngrams }: Manifest,
): Promise<NgramTable | undefined> {
  if (ngrams === undefined) return undefined;
  const path = join(folder, ngrams);
  try {
    return new NgramTable(await readLargeFile(path, largestNgrams));
  } catch (error) {
    throw new ModelError(
      { code: "n-gram table unusable", args: [path, detailOf(error)] },
      { cause: error },
    );
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
