import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Quantisation } from "../../engine/quantise";
import type { Weights } from "../../engine/weights";
import { BpeTokenizer } from "../../tokenizer/bpe";
import { architectureOf } from "../formats/architecture";
import { normEpsilons } from "../formats/normEpsilons";
import { openCheckpoint } from "../formats/open";
import { networkFields, type Manifest } from "./manifest";
import { ModelError } from "../modelError";
import { PackageFiles } from "./packageFiles";
import { writePackageFolder } from "./packageFolder";
import { Safetensors } from "../formats/safetensors";
import { parametersOf } from "../formats/parameterCount";

/** What a package is built from: paths of the files that `training/` exports, and facts about them. */
export interface Sources {
  /** The network's weights, under the official parameter names. */
  weights: string;
  tokenizer: string;
  /** Weights of the gate that mixes in copies and n-grams, if the model has one. */
  gate?: string;
  /** The table of n-grams, if the model has one. */
  ngrams?: string;
  /** Further files that are copied unchanged into the package: licence, model card. */
  documents: readonly string[];
  name: string;
  /** SPDX identifier. */
  license: string;
  /** Where the weights come from, in words. */
  provenance: string;
}

/**
 * Builds a model package in `folder`. A package that is already there is replaced only when the new
 * one is complete.
 *
 * @returns the manifest of the new package
 * @throws ModelError if the weights, the tokenizer's size or `folder` are not usable
 * @throws Error if another source cannot be read
 */
export function buildModelPackage(
  sources: Sources,
  quantisation: Quantisation,
  folder: string,
): Promise<Manifest> {
  return writePackageFolder(folder, ({ path }) =>
    writePackage(sources, quantisation, path),
  );
}

async function writePackage(
  sources: Sources,
  quantisation: Quantisation,
  folder: string,
): Promise<Manifest> {
  const weights = openCheckpoint(sources.weights);
  const gate = sources.gate ? new Safetensors(sources.gate) : undefined;
  try {
    const architecture = architectureOf(weights);
    const { generation, vocabulary } = architecture;
    const tokenizer = new BpeTokenizer(
      JSON.parse(readFileSync(sources.tokenizer, "utf8")),
    );
    if (tokenizer.vocabularySize !== vocabulary) {
      throw new ModelError({
        code: "tokenizer of another network",
        args: [sources.tokenizer, tokenizer.vocabularySize, vocabulary],
      });
    }
    const files = new PackageFiles(folder);
    const options = { quantisation, ...normEpsilons(weights, architecture) };
    files.writeGraph(generation, withVectors(weights, gate), options);
    const copied = [
      sources.tokenizer,
      ...(sources.gate ? [sources.gate] : []),
      ...(sources.ngrams ? [sources.ngrams] : []),
      ...sources.documents,
    ];
    for (const path of copied) await files.copy(path);
    return files.writeManifest({
      name: sources.name,
      ...networkFields(architecture, parametersOf(weights)),
      quantisation,
      tokenizer: { kind: "bpe", file: basename(sources.tokenizer) },
      documentStart: { file: 0, text: 1 },
      ...(sources.gate ? { gate: basename(sources.gate) } : {}),
      ...(sources.ngrams ? { ngrams: basename(sources.ngrams) } : {}),
      license: sources.license,
      provenance: sources.provenance,
    });
  } finally {
    gate?.close();
    weights.close();
  }
}

/** A network's weights with those of its vectors, which are fitted with the gate. */
function withVectors(network: Weights, gate: Weights | undefined): Weights {
  const fileOf = (name: string) =>
    name.startsWith("neighbours.") && gate !== undefined ? gate : network;
  return {
    has: (name) => fileOf(name).has(name),
    dims: (name) => fileOf(name).dims(name),
    float32: (name) => fileOf(name).float32(name),
  };
}
