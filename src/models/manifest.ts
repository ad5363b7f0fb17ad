import { ModelError } from "./modelError";

/** `manifest.json` of a model package: the one form in which every model lives. */
export interface Manifest {
  format: 1;
  name: string;
  architecture: "rwkv7";
  layers: number;
  width: number;
  heads: number;
  headSize: number;
  vocabulary: number;
  /** Parameters of the network, embedding and head included. */
  parameters: number;
  quantisation: "int8" | "int4" | "none";
  tokenizer: { kind: "bpe"; file: string };
  /** Special tokens that frame a document's path: file, path, text. */
  documentStart: { file: number; text: number };
  /** Weights of the copy gate, where the model has one. */
  copyGate?: string;
  license: string;
  /** Where the weights come from, in words. */
  provenance: string;
  /** Every other file of the package. */
  files: Record<string, { bytes: number; sha256: string }>;
}

export const manifestFile = "manifest.json";
export const graphFile = "model.onnx";
export const weightsFile = "weights.bin";

/** @throws ModelError that names what is wrong. */
export function parseManifest(json: string, path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ModelError(
      `${path} is not JSON; import or install the model again`,
    );
  }
  const manifest = (value ?? {}) as Manifest;
  const fail = (what: string) =>
    new ModelError(`${path} ${what}; import or install the model again`);
  if (manifest.format !== 1) {
    throw new ModelError(
      `${path} has format ${String(manifest.format)}, this version reads format 1: update the extension or import the model again`,
    );
  }
  if (manifest.architecture !== "rwkv7")
    throw fail(
      `names the architecture ${String(manifest.architecture)}, which is unknown`,
    );
  if (manifest.tokenizer?.kind !== "bpe")
    throw fail("names no tokenizer that is known");
  for (const key of [
    "layers",
    "width",
    "heads",
    "headSize",
    "vocabulary",
  ] as const) {
    if (!Number.isSafeInteger(manifest[key]) || manifest[key] < 1)
      throw fail(`has no valid "${key}"`);
  }
  const { file, text } = manifest.documentStart ?? {};
  if (!isToken(file, manifest) || !isToken(text, manifest))
    throw fail('has no valid "documentStart"');
  if (typeof manifest.files !== "object" || manifest.files === null)
    throw fail("lists no files");
  for (const [name, entry] of Object.entries(manifest.files)) {
    // Names, not paths: a package never reaches outside its folder.
    if (!/^[\w][\w.-]*$/.test(name))
      throw fail(
        `lists the file ${JSON.stringify(name)}, which is no plain name`,
      );
    if (
      !Number.isSafeInteger(entry?.bytes) ||
      typeof entry.sha256 !== "string"
    ) {
      throw fail(`has no size and checksum for ${name}`);
    }
  }
  const needed = [
    graphFile,
    weightsFile,
    manifest.tokenizer.file,
    manifest.copyGate,
  ];
  for (const name of needed) {
    if (name !== undefined && !Object.hasOwn(manifest.files, name))
      throw fail(`does not list ${String(name)}`);
  }
  return manifest;
}

function isToken(token: unknown, { vocabulary }: Manifest): boolean {
  return (
    Number.isInteger(token) &&
    (token as number) >= 0 &&
    (token as number) < vocabulary
  );
}
