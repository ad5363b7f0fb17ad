import { createHash } from "node:crypto";
import { join } from "node:path";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { readLargeFile } from "../files/regularFile";
import { Gate } from "../engine/gate";
import type { LanguageModel } from "../engine/model";
import { NeighbourGate } from "../engine/neighbourGate";
import { NgramTable } from "../engine/ngramTable";
import { OnnxModel } from "../engine/onnxModel";
import { Reranker, rerankerWeight } from "../engine/reranker";
import { tableGate } from "../engine/tableGate";
import { vectorWeight } from "../engine/vectors";
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
import { compareFiles, findPackage } from "../models/package/modelPackage";
import { Safetensors } from "../models/formats/safetensors";

/** Milliseconds a token above which a model is too slow for completion while typing. */
const slowMsPerToken = 20;

/** Bytes of the largest n-gram table that is loaded; the bundled model's has 8 MB. */
const largestNgrams = 256 << 20;

/** Most bytes of a workspace's states on disk. */
const savedBytes = 128 * 1024 * 1024;

/** A model that is ready to complete: engine, tokenizer and the states of its documents. */
export interface LoadedModel {
  readonly name: string;
  /** One sentence for users: the model's name and speed. */
  readonly description: string;
  /** The same as a message that the client words. */
  readonly told?: Message | undefined;
  /** Returns a message once measurements show that the model is too slow on this machine. */
  readonly warning?: () => Message | undefined;
  readonly tokenizer: Tokenizer;
  readonly network: LanguageModel;
  /** The gate and n-gram table that are mixed with the network. */
  readonly sources: PredictionSources;
  /** States and copy indexes of its documents. */
  readonly runtime: Runtime;
  /** Keeps its documents' states on disk; absent: none are kept. */
  readonly store?: StateStore | undefined;
  readonly weightBytes: number;
  /** The tokens of a document's path ('/'-separated, relative), which are read before its text. */
  documentStart(path: string): number[];
  dispose(): Promise<void>;
}

export interface LoadOptions {
  /** 0 leaves the choice to the runtime. */
  threads: number;
  /** Most bytes of the states, vectors and copy indexes of all documents. */
  memoryBudget: number;
  /** Folder for states on disk; absent: none are kept. */
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
  const manifest = findPackage(folder);
  const compared = compareFiles(folder, manifest, signal, options.onProgress);
  const { tokenizer, sources } = await besides(compared, async () => {
    const tokenizer = loadTokenizer(folder, manifest);
    await yieldToEventLoop();
    const first = firstText(tokenizer);
    const gates = loadGates(folder, manifest, first);
    const ngrams = await loadNgrams(folder, manifest);
    await checkGraph(folder, manifest);
    const sources = { ...gates, ngrams, firstText: first };
    return { tokenizer, sources };
  });
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
        vectorWidth: network.vectorWidth,
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

/**
 * Runs `make` on a package's files while they are compared with their checksums, and returns its
 * result once both have ended. Where both fail, the damaged file is the cause and is what is reported.
 *
 * @throws what the comparison throws, else what `make` throws
 */
async function besides<T>(
  compared: Promise<void>,
  make: () => Promise<T>,
): Promise<T> {
  const [comparing, making] = await Promise.allSettled([compared, make()]);
  if (comparing.status === "rejected") throw comparing.reason;
  if (making.status === "rejected") throw making.reason;
  return making.value;
}

/** A message if a model is too slow, judged by undisturbed runs alone. */
function slownessOf(
  name: string,
  { undisturbedMsPerToken: ms = 0 }: LanguageModel,
): Message | undefined {
  return ms <= slowMsPerToken
    ? undefined
    : message("model slow", name, ms.toFixed(1));
}

/** sha256 of graph, weights and tokenizer: a state is valid for one of these. */
function identity({ files }: Manifest): string {
  return createHash("sha256").update(JSON.stringify(files)).digest("hex");
}

/** The tokens before a document's text, and how many of a prompt's first tokens they are. */
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

/** The header for a path: its last parts, since the first ones say little about the file. */
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

function loadGates(
  folder: string,
  { gate, width }: Manifest,
  firstText: number,
): Pick<PredictionSources, "gate" | "neighbourGate" | "reranker"> {
  if (gate === undefined) return { gate: tableGate() };
  const weights = new Safetensors(join(folder, gate));
  try {
    const neighbourGate = weights.has(vectorWeight)
      ? new NeighbourGate(weights, width, firstText)
      : undefined;
    const reranker = weights.has(rerankerWeight)
      ? new Reranker(weights, firstText)
      : undefined;
    return { gate: new Gate(weights, width), neighbourGate, reranker };
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
