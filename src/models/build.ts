import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Quantisation } from "../engine/quantise";
import { buildRwkv7, shapeOf } from "../engine/rwkv7";
import { BpeTokenizer } from "../tokenizer/bpe";
import {
  graphFile,
  manifestFile,
  weightsFile,
  type Manifest,
} from "./manifest";
import { ModelError } from "./modelError";
import { checksum } from "./modelPackage";
import { Safetensors } from "./safetensors";

/** What a package is built from: the files that `training/` exports. */
export interface Sources {
  /** The network, official parameter names. */
  weights: string;
  tokenizer: string;
  /** The copy gate, if there is one. */
  copyGate?: string;
  /** Further files to ship as they are: licence, model card. */
  documents: readonly string[];
  name: string;
  license: string;
  provenance: string;
}

/**
 * Builds a model package in `folder`, which it replaces only when everything is written.
 *
 * @throws ModelError if a source is not usable
 */
export async function buildModelPackage(
  sources: Sources,
  quantisation: Quantisation,
  folder: string,
): Promise<Manifest> {
  const temporary = `${folder}.partial`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    const manifest = await writePackage(sources, quantisation, temporary);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(temporary, folder);
    return manifest;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function writePackage(
  sources: Sources,
  quantisation: Quantisation,
  folder: string,
): Promise<Manifest> {
  const weights = new Safetensors(sources.weights);
  const descriptor = openSync(join(folder, weightsFile), "w");
  try {
    const shape = shapeOf(weights);
    const tokenizer = new BpeTokenizer(
      JSON.parse(readFileSync(sources.tokenizer, "utf8")),
    );
    if (tokenizer.vocabularySize !== shape.vocabulary) {
      throw new ModelError(
        `${sources.tokenizer} has ${tokenizer.vocabularySize} tokens, the network ${shape.vocabulary}: they do not belong together`,
      );
    }
    const graph = buildRwkv7(weights, quantisation, weightsFile, (bytes) => {
      for (let done = 0; done < bytes.length;)
        done += writeSync(descriptor, bytes, done);
    });
    writeFileSync(join(folder, graphFile), graph);

    const copied = [
      sources.tokenizer,
      ...(sources.copyGate ? [sources.copyGate] : []),
      ...sources.documents,
    ];
    for (const path of copied) copyFileSync(path, join(folder, basename(path)));
    const files: Manifest["files"] = {};
    for (const name of [
      graphFile,
      weightsFile,
      ...copied.map((path) => basename(path)),
    ]) {
      const path = join(folder, name);
      files[name] = {
        bytes: statSync(path).size,
        sha256: await checksum(path),
      };
    }
    const manifest: Manifest = {
      format: 1,
      name: sources.name,
      architecture: "rwkv7",
      ...shape,
      parameters: weights
        .names()
        .reduce(
          (sum, name) => sum + weights.dims(name).reduce((a, b) => a * b, 1),
          0,
        ),
      quantisation,
      tokenizer: { kind: "bpe", file: basename(sources.tokenizer) },
      documentStart: { file: 0, text: 1 },
      ...(sources.copyGate ? { copyGate: basename(sources.copyGate) } : {}),
      license: sources.license,
      provenance: sources.provenance,
      files,
    };
    writeFileSync(
      join(folder, manifestFile),
      `${JSON.stringify(manifest, null, 2)}\n`,
    );
    return manifest;
  } finally {
    closeSync(descriptor);
    weights.close();
  }
}
