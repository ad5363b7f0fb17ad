import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { BpeFile } from "../../tokenizer/bpe";
import { requireSpace } from "../import/diskSpace";
import { encodeQ8_0 } from "./encodeQ8_0";
import { architectureOf, type Architecture } from "../formats/architecture";
import type { CheckpointWeights } from "../formats/checkpoint";
import { encodeFp16, encodeFp32, type Encoder } from "../formats/encode";
import { gguf, type GgufMetadata } from "../formats/ggufFile";
import {
  normEpsilons,
  officialEpsilons,
  type NormEpsilons,
} from "../formats/normEpsilons";
import { openCheckpoint } from "../formats/open";
import { writeGguf } from "../formats/writeGguf";
import { writeSafetensors } from "../formats/writeSafetensors";
import { ggufBpe, ggufWorld } from "../import/ggufTokenizer";
import type { FoundTokenizer } from "../import/foundTokenizer";
import { findTokenizer } from "../import/importTokenizer";
import { ModelError } from "../modelError";
import { parametersOf } from "../formats/parameterCount";

/** How the large matrices can be stored. */
const encoders = { f32: encodeFp32, f16: encodeFp16, q8_0: encodeQ8_0 };
export type ExportType = keyof typeof encoders;
export const exportTypes = Object.keys(encoders) as ExportType[];

export interface ExportOptions {
  type: ExportType;
  /** Path of the tokenizer's file; needed if it is neither in the checkpoint nor beside it. */
  tokenizer?: string;
  /** The model's name in a GGUF; by default the name of `target` without its extension. */
  name?: string;
  /** SPDX identifier, for the file's metadata. */
  license?: string;
}

/**
 * Writes a checkpoint for other engines. The extension of `target` chooses the format: `.gguf` for
 * llama.cpp, or `.safetensors` with the official names and shapes, as in `.pth` files. Only the network
 * is written, without the gate and the n-gram table, which other engines cannot use.
 *
 * @param source path of the checkpoint
 * @throws ModelError with one sentence that names the cause and what to do
 */
export async function exportModel(
  source: string,
  target: string,
  options: ExportOptions,
): Promise<void> {
  const format = extname(target);
  if (format !== ".gguf" && format !== ".safetensors") {
    throw new ModelError({ code: "export format unknown", args: [target] });
  }
  if (existsSync(target)) {
    throw new ModelError({ code: "export target exists", args: [target] });
  }
  const encoder = encoders[options.type];
  const checkpoint = openCheckpoint(source);
  try {
    const bytesPerValue = encoder.type.bytes / encoder.type.values;
    await requireSpace(target, parametersOf(checkpoint) * bytesPerValue * 1.05);
    if (format === ".gguf") await toGguf(checkpoint, target, encoder, options);
    else toSafetensors(checkpoint, target, encoder, options);
  } finally {
    checkpoint.close();
  }
}

/**
 * Finds the ε of the checkpoint's norms and checks that the target format can express them.
 *
 * @param fixed those that the format cannot store. They must be the official ones. But where the format
 *   stores `normEpsilon`, it applies that to the last norm, too, so `outNormEpsilon` must equal it.
 * @throws ModelError if an ε cannot be expressed
 */
function exportableEpsilons(
  checkpoint: CheckpointWeights,
  architecture: Architecture,
  fixed: readonly (keyof NormEpsilons)[],
): NormEpsilons {
  const own = normEpsilons(checkpoint, architecture);
  const expected = fixed.includes("normEpsilon")
    ? officialEpsilons
    : { ...officialEpsilons, outNormEpsilon: own.normEpsilon };
  for (const key of fixed) {
    if (Math.fround(own[key]) !== Math.fround(expected[key])) {
      throw new ModelError({
        code: "export epsilon",
        args: [checkpoint.path, rounded(own[key]), rounded(expected[key])],
      });
    }
  }
  return own;
}

/** Rounds a float32 to the decimal number that was meant: 0.00001, not 0.000009999999747. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

async function toGguf(
  checkpoint: CheckpointWeights,
  target: string,
  encoder: Encoder,
  options: ExportOptions,
): Promise<void> {
  const architecture = architectureOf(checkpoint);
  const { vocabulary } = architecture;
  const { normEpsilon } = exportableEpsilons(checkpoint, architecture, [
    "outNormEpsilon",
    "headNormEpsilon",
  ]);
  const found = await findTokenizer(checkpoint, vocabulary, options.tokenizer);
  const metadata = new Map(await ggufTokenizer(found, vocabulary));
  if (options.license !== undefined)
    metadata.set("general.license", gguf.text(options.license));
  writeGguf(target, checkpoint, architecture, {
    name: options.name ?? basename(target, extname(target)),
    metadata,
    normEpsilon,
    matrices: encoder,
  });
}

/** The metadata keys for a tokenizer. @throws ModelError if a GGUF cannot hold its kind. */
async function ggufTokenizer(
  { tokenizer, spec, file }: FoundTokenizer,
  vocabulary: number,
): Promise<GgufMetadata> {
  if (spec.kind === "world") return ggufWorld(tokenizer, vocabulary);
  if (spec.kind === "bpe" && file !== undefined) {
    const json =
      "source" in file ? await readFile(file.source, "utf8") : file.contents;
    return ggufBpe(JSON.parse(json) as BpeFile, vocabulary);
  }
  throw new ModelError({ code: "export tokenizer", args: [spec.kind] });
}

function toSafetensors(
  checkpoint: CheckpointWeights,
  target: string,
  encoder: Encoder,
  { license, type }: ExportOptions,
): void {
  if (encoder.type.values > 1) {
    throw new ModelError({ code: "export type", args: [type] });
  }
  // `architectureOf` refuses a network that is not complete.
  exportableEpsilons(checkpoint, architectureOf(checkpoint), [
    "normEpsilon",
    "outNormEpsilon",
    "headNormEpsilon",
  ]);
  writeSafetensors(
    target,
    checkpoint,
    encoder,
    license === undefined ? {} : { license },
  );
}
