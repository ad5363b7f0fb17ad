import { message, type Message } from "../../messages";
import { generations, type Generation } from "../../engine/build";
import type { Quantisation } from "../../engine/quantise";
import { fileTokenizers, type TokenizerSpec } from "../../tokenizer/open";
import { ModelError } from "../modelError";

export type ArchitectureName = "rwkv4" | "rwkv5" | "rwkv6" | "rwkv7";

/** The family that a generation such as 5.2 or 7a belongs to. */
export function architectureName(generation: Generation): ArchitectureName {
  return `rwkv${generation[0] as "4" | "5" | "6" | "7"}`;
}

/** `manifest.json` of a model package: the one form in which every model lives. */
export interface Manifest {
  format: 2;
  name: string;
  architecture: ArchitectureName;
  generation: Generation;
  layers: number;
  width: number;
  /** width = heads × headSize; RWKV-4 has one channel a head. */
  heads: number;
  headSize: number;
  /** Rows of the embedding; the tokenizer may have a few tokens fewer. */
  vocabulary: number;
  /** Parameters of the network, embedding and head included. */
  parameters: number;
  quantisation: Quantisation;
  /** What quantisation has cost, where it was measured. */
  quantisationLoss?: QuantisationLoss;
  tokenizer: TokenizerSpec;
  /**
   * What stands before a document's text: special tokens that frame its path (file, path, text), or
   * tokens that are always the same.
   */
  documentStart: { file: number; text: number } | { tokens: number[] };
  /** Weights of the copy gate, where the model has one. */
  gate?: string;
  /** Table of what often follows a few tokens, which the gate mixes in. */
  ngrams?: string;
  license: string;
  /** Where the weights come from, in words. */
  provenance: string;
  /** Every other file of the package. */
  files: Record<string, FileEntry>;
}

/** What a manifest says of a network. */
export function networkFields(
  network: Pick<
    Manifest,
    "generation" | "layers" | "width" | "heads" | "headSize" | "vocabulary"
  >,
  parameters: number,
) {
  const { generation, layers, width, heads, headSize, vocabulary } = network;
  const architecture = architectureName(generation);
  const sizes = { layers, width, heads, headSize, vocabulary, parameters };
  return { architecture, generation, ...sizes };
}

export const quantisations: readonly Quantisation[] = ["int8", "int4", "none"];

/** Quantised against full precision, over the positions of a short text. */
export interface QuantisationLoss {
  /** Mean Kullback-Leibler divergence from the full precision's distribution, in nats. */
  klDivergence: number;
  /** Share of positions whose most probable token is the same, 0 … 1. */
  topAgreement: number;
  positions: number;
}

export interface FileEntry {
  bytes: number;
  sha256: string;
}

/** Manifests are some kilobytes; nothing larger is read. */
export const longestManifest = 1 << 20;
/** Files that a package may list. */
const mostFiles = 64;

/** Names, not paths: a package never reaches outside its folder. */
export function isPlainName(name: string): boolean {
  return /^\w[\w.-]*$/.test(name);
}

export const manifestFile = "manifest.json";
export const graphFile = "model.onnx";
export const weightsFile = "weights.bin";

/** Bytes of one state's matrices; the largest official model, of 14 billion parameters, has 64 MB. */
const largestState = 512 << 20;

/** A token that starts documents is one of few. */
const mostStartTokens = 64;

/** @throws ModelError that names what is wrong. */
export function parseManifest(json: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ModelError({ code: "manifest no JSON", args: [path] });
  }
  const manifest = (value ?? {}) as Manifest;
  const fail: Fail = (what) =>
    new ModelError({ code: "manifest unfit", args: [path, what] });
  if (manifest.format !== 2) {
    throw new ModelError({
      code: "manifest format",
      args: [path, String(manifest.format)],
    });
  }
  checkArchitecture(manifest, fail);
  checkTokenizer(manifest, fail);
  checkFiles(manifest, fail);
  return manifest;
}

type Fail = (what: Message) => ModelError;

function checkArchitecture(manifest: Manifest, fail: Fail): void {
  const { architecture, quantisation } = manifest;
  if (!/^rwkv[4-7]$/.test(String(architecture)))
    throw fail(message("unknown architecture", String(architecture)));
  // Packages of before there was more than one have an RWKV-7.
  if (architecture === "rwkv7") manifest.generation ??= "7";
  const { generation } = manifest;
  if (
    !generations.includes(generation) ||
    architectureName(generation) !== architecture
  )
    throw fail(message("unknown generation", String(generation), architecture));
  for (const key of [
    "layers",
    "width",
    "heads",
    "headSize",
    "vocabulary",
    "parameters",
  ] as const) {
    if (!Number.isSafeInteger(manifest[key]) || manifest[key] < 1)
      throw fail(message("no valid field", `"${key}"`));
  }
  const { layers, width, headSize } = manifest;
  if (layers * width * headSize * 4 > largestState)
    throw fail(message("state too large"));
  if (!quantisations.includes(quantisation))
    throw fail(message("unknown quantisation", String(quantisation)));
  for (const key of ["name", "license", "provenance"] as const) {
    if (typeof manifest[key] !== "string")
      throw fail(message("no valid field", `"${key}"`));
  }
}

function checkTokenizer(manifest: Manifest, fail: Fail): void {
  const { kind, file } = (manifest.tokenizer ?? {}) as Partial<
    TokenizerSpec & { file: unknown }
  >;
  const isKnown =
    kind === "bytes"
      ? file === undefined
      : (fileTokenizers as readonly unknown[]).includes(kind) &&
        typeof file === "string";
  if (!isKnown) throw fail(message("unknown tokenizer"));
  const start = (manifest.documentStart ?? {}) as Partial<
    Record<"file" | "text" | "tokens", unknown>
  >;
  const isValid =
    start.tokens === undefined
      ? isToken(start.file, manifest) && isToken(start.text, manifest)
      : Array.isArray(start.tokens) &&
        start.tokens.length >= 1 &&
        start.tokens.length <= mostStartTokens &&
        start.tokens.every((token) => isToken(token, manifest));
  if (!isValid) throw fail(message("no valid field", '"documentStart"'));
}

function checkFiles(manifest: Manifest, fail: Fail): void {
  if (typeof manifest.files !== "object" || manifest.files === null)
    throw fail(message("lists no files"));
  if (Object.keys(manifest.files).length > mostFiles)
    throw fail(message("lists too many files", mostFiles));
  for (const [name, entry] of Object.entries(manifest.files)) {
    if (!isPlainName(name))
      throw fail(message("no plain name", JSON.stringify(name)));
    if (
      !Number.isSafeInteger(entry?.bytes) ||
      entry.bytes < 0 ||
      typeof entry.sha256 !== "string"
    ) {
      throw fail(message("no size and checksum", name));
    }
  }
  const { tokenizer, gate, ngrams } = manifest;
  const needed = [graphFile, weightsFile, gate, ngrams];
  if (tokenizer.kind !== "bytes") needed.push(tokenizer.file);
  for (const name of needed) {
    if (name !== undefined && !Object.hasOwn(manifest.files, name))
      throw fail(message("does not list", String(name)));
  }
}

function isToken(token: unknown, { vocabulary }: Manifest): boolean {
  return (
    Number.isInteger(token) &&
    (token as number) >= 0 &&
    (token as number) < vocabulary
  );
}
