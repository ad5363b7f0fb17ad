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

/** How the big matrices can be stored, and the bytes that a value takes. */
const encoders = { f32: encodeFp32, f16: encodeFp16, q8_0: encodeQ8_0 };
export type ExportType = keyof typeof encoders;
export const exportTypes = Object.keys(encoders) as ExportType[];

export interface ExportOptions {
  type: ExportType;
  /** The tokenizer's file, where it does not lie beside the checkpoint. */
  tokenizer?: string;
  name?: string;
  license?: string;
}

/**
 * Writes a checkpoint for other engines: `target` ends in `.gguf` for llama.cpp or in
 * `.safetensors` for the official layout, whose names and shapes are those of `.pth` files.
 *
 * The network alone is written: what stands beside it, such as our copy gate, is a file of its own
 * that other engines have no use for.
 *
 * @throws ModelError with one sentence that names the fix
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
 * The ε of the norms. The format cannot store those in `fixed`: they have to be the official ones,
 * except that ε of the last norm may have to equal that of the other layer norms.
 */
function exportable(
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
        args: [checkpoint.path, short(own[key]), short(expected[key])],
      });
    }
  }
  return own;
}

/** A single-precision number, rounded to the decimal number that it stands for. */
function short(value: number): number {
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
  const { normEpsilon } = exportable(checkpoint, architecture, [
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
  // Only what is known to be a whole network is handed on.
  exportable(checkpoint, architectureOf(checkpoint), [
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
