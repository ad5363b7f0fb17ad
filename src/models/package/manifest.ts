import { message, type Message } from "../../messages";
import { generations, type Generation } from "../../engine/build";
import type { Quantisation } from "../../engine/quantise";
import { fileTokenizers, type TokenizerSpec } from "../../tokenizer/open";
import { ModelError } from "../modelError";

export type ArchitectureName = "rwkv4" | "rwkv5" | "rwkv6" | "rwkv7";

/** The architecture that a generation such as 5.2 or 7a belongs to. */
function architectureName(generation: Generation): ArchitectureName {
  return `rwkv${generation[0] as "4" | "5" | "6" | "7"}`;
}

/** The contents of `manifest.json`. Every model that is loaded is a package with a manifest. */
export interface Manifest {
  format: 2;
  name: string;
  architecture: ArchitectureName;
  generation: Generation;
  layers: number;
  width: number;
  /** width = heads × headSize. In RWKV-4 each channel is a head. */
  heads: number;
  headSize: number;
  /** Rows of the embedding; the tokenizer may have a few tokens fewer. */
  vocabulary: number;
  /** Parameters of the network, embedding and head included. */
  parameters: number;
  quantisation: Quantisation;
  /** How the quantised network differs from full precision, if that was measured. */
  quantisationLoss?: QuantisationLoss;
  tokenizer: TokenizerSpec;
  /**
   * The tokens before a document's text. Either the ids of two special tokens around the tokens of the
   * document's path (`file`, path, `text`), or the ids of tokens that are the same for all documents.
   */
  documentStart: { file: number; text: number } | { tokens: number[] };
  /** The file with the gate's weights, if the model has a gate. */
  gate?: string;
  /** The file with the n-gram table that the gate mixes in, if the model has one. */
  ngrams?: string;
  /** Licence of the weights: an SPDX identifier where one is known. */
  license: string;
  /** Where the weights come from, in words. */
  provenance: string;
  /** Size and checksum of every other file of the package, by file name. */
  files: Record<string, FileEntry>;
}

/** The fields of a manifest that describe the network. */
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

/** How the outputs of the quantised network differ from full precision, over a short text. */
export interface QuantisationLoss {
  /** Mean of KL(full precision ‖ quantised) over the positions, in nats. */
  klDivergence: number;
  /** Share of positions at which both have the same likeliest token, 0 … 1. */
  topAgreement: number;
  /** Number of positions compared. */
  positions: number;
}

export interface FileEntry {
  bytes: number;
  sha256: string;
}

/** The largest manifest that is read, in bytes. Usual ones have a few kilobytes. */
export const longestManifest = 1 << 20;
/** The most files that a manifest may list. */
const mostFiles = 64;

/**
 * Whether a name consists of letters, digits, `_`, `.` and `-`, and does not begin with `.` or `-`. A
 * manifest may only contain such names, so that a package cannot refer to files outside its folder.
 */
export function isPlainName(name: string): boolean {
  return /^\w[\w.-]*$/.test(name);
}

export const manifestFile = "manifest.json";
export const graphFile = "model.onnx";
export const weightsFile = "weights.bin";

/**
 * The most bytes that the matrices of one state may take (layers × width × head size, as float32). In
 * the largest official model, 13.3B, they take 64 MB.
 */
const largestState = 512 << 20;

/** The most tokens in `documentStart`. Imported models have one. */
const mostStartTokens = 64;

/**
 * Parses and checks the text of a manifest.
 *
 * @param path of the manifest, for errors
 * @throws ModelError that names what is wrong
 */
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
  // Older packages lack the field. They were made when RWKV-7 was the only generation.
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
