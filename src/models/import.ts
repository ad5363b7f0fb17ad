import { mkdirSync, rmSync } from "node:fs";
import { basename, extname, join } from "node:path";
import type { Quantisation } from "../engine/quantise";
import type { Weights } from "../engine/weights";
import { bytesOfText, encode } from "../tokenizer/tokenizer";
import { ComparisonWeights, headLogits } from "./comparisonWeights";
import { freeBytes, requireSpace } from "./diskSpace";
import { architectureOf, type Architecture } from "./formats/architecture";
import type { CheckpointWeights } from "./formats/checkpoint";
import { openCheckpoint } from "./formats/open";
import { collectGarbage } from "./garbage";
import { findTokenizer, type FoundTokenizer } from "./importTokenizer";
import {
  architectureName,
  type Manifest,
  type QuantisationLoss,
} from "./manifest";
import {
  exactBytes,
  largestTensor,
  parametersOf,
  weightBytes,
} from "./modelSize";
import { PackageFiles } from "./packageFiles";
import { refuseOtherContents, writePackageFolder } from "./packageFolder";
import {
  comparisonText,
  lossBetween,
  mostPositions,
  outputsOf,
} from "./quantisationLoss";

export interface ImportOptions {
  quantisation: Quantisation;
  /** The tokenizer's file, where it lies neither in the checkpoint nor beside it. */
  tokenizer?: string;
  /** What the model is called; the checkpoint's name if missing. */
  name?: string;
  license?: string;
  signal: AbortSignal;
  onProgress?: (progress: ImportProgress) => void;
}

export interface ImportProgress {
  step: "writing" | "comparing";
  /** Bytes of the package written, and about how many there will be. */
  done: number;
  total: number;
}

export interface ImportReport {
  manifest: Manifest;
  /** What quantisation costs, or one sentence that says why it was not measured. */
  loss: QuantisationLoss | string;
}

/**
 * Makes a model package in `folder` from a checkpoint of any generation and format.
 *
 * What the checkpoint is and which tokenizer it has is found out from the file; the disk is asked
 * for space before anything is written. `folder` appears when everything is written; after a
 * failure or a cancellation nothing is left. No more than one tensor is in memory at a time.
 *
 * The work blocks the event loop, so a process that has others to serve runs it in a child:
 * `importProcess.ts`.
 *
 * @throws ModelError with one sentence that names the fix
 * @throws the signal's reason when it is aborted
 */
export async function importModel(
  source: string,
  folder: string,
  options: ImportOptions,
): Promise<ImportReport> {
  options.signal.throwIfAborted();
  const checkpoint = openCheckpoint(source);
  try {
    const architecture = architectureOf(checkpoint);
    const tokenizer = await findTokenizer(
      checkpoint,
      architecture.vocabulary,
      options.tokenizer,
    );
    refuseOtherContents(folder);
    await requireSpace(folder, weightBytes(checkpoint, options.quantisation));
    return await writePackageFolder(folder, (partial) =>
      new Import(checkpoint, architecture, tokenizer, options).write(partial),
    );
  } finally {
    checkpoint.close();
  }
}

class Import {
  constructor(
    private readonly checkpoint: CheckpointWeights,
    private readonly architecture: Architecture,
    private readonly tokenizer: FoundTokenizer,
    private readonly options: ImportOptions,
  ) {}

  async write(folder: string): Promise<ImportReport> {
    const { checkpoint, tokenizer, options } = this;
    const { generation, layers, width, heads, headSize, vocabulary } =
      this.architecture;
    const files = new PackageFiles(folder);
    this.writeGraph(files, checkpoint, options.quantisation, "writing");
    const { spec, file } = tokenizer;
    if (spec.kind !== "bytes" && file !== undefined) {
      if ("source" in file) await files.copy(file.source, spec.file);
      else files.write(spec.file, file.contents);
    }
    const loss = await this.measureLoss(folder);
    const manifest = files.writeManifest({
      name: options.name ?? basename(checkpoint.path, extname(checkpoint.path)),
      architecture: architectureName(generation),
      generation,
      layers,
      width,
      heads,
      headSize,
      vocabulary,
      parameters: parametersOf(checkpoint),
      quantisation: options.quantisation,
      ...(typeof loss === "string" ? {} : { quantisationLoss: loss }),
      tokenizer: spec,
      documentStart: tokenizer.documentStart,
      license: options.license ?? licenseOf(checkpoint),
      provenance: `imported from ${basename(checkpoint.path)} (${checkpoint.container}, ${checkpoint.format})`,
    });
    options.signal.throwIfAborted();
    return { manifest, loss };
  }

  private writeGraph(
    files: PackageFiles,
    weights: Weights,
    quantisation: Quantisation,
    step: ImportProgress["step"],
  ): void {
    const { checkpoint, options } = this;
    const { generation } = this.architecture;
    const total =
      step === "writing"
        ? weightBytes(checkpoint, quantisation)
        : exactBytes(checkpoint);
    let done = 0;
    // rwkv.cpp computes RWKV-5 with another ε than the official code; its files are meant for that.
    const ownEpsilon =
      checkpoint.container === "rwkv.cpp" && generation.startsWith("5");
    files.writeGraph(
      generation,
      weights,
      { quantisation, ...(ownEpsilon ? { headNormEpsilon: 1e-5 } : {}) },
      (bytes) => {
        options.signal.throwIfAborted();
        collectGarbage(bytes);
        done += bytes;
        options.onProgress?.({ step, done: Math.min(done, total), total });
      },
    );
  }

  /** Compares with the same network in full precision, if that is small enough. */
  private async measureLoss(
    folder: string,
  ): Promise<QuantisationLoss | string> {
    const { checkpoint, options, tokenizer } = this;
    const { vocabulary } = this.architecture;
    if (options.quantisation === "none") return "nothing was quantised";
    const bytes = exactBytes(checkpoint);
    const bound = comparisonBound(checkpoint);
    if (bytes > bound)
      return `the loss was not measured: in full precision the layers take ${megabytes(bytes)}, more than the ${megabytes(bound)} that an import may use`;
    if ((await freeBytes(folder)) < bytes)
      return `the loss was not measured: the disk has no ${megabytes(bytes)} to spare for the layers in full precision`;

    const start = tokenizer.documentStart;
    const tokens = [
      ...("tokens" in start ? start.tokens : [start.text]),
      ...encode(tokenizer.tokenizer, bytesOfText(comparisonText)),
    ].slice(0, mostPositions);
    const distinct = [...new Set(tokens)];
    const exactFolder = join(folder, "exact");
    mkdirSync(exactFolder);
    this.writeGraph(
      new PackageFiles(exactFolder),
      new ComparisonWeights(checkpoint, distinct),
      "none",
      "comparing",
    );
    collectGarbage();
    const { hidden } = await outputsOf(
      exactFolder,
      distinct.length,
      tokens.map((token) => distinct.indexOf(token)),
      options.signal,
    );
    rmSync(exactFolder, { recursive: true });
    const exact = headLogits(checkpoint, hidden);
    collectGarbage();
    const quantised = await outputsOf(
      folder,
      vocabulary,
      tokens,
      options.signal,
    );
    return lossBetween(exact, quantised.logits);
  }
}

/**
 * An import may use four times the model's largest tensor, which checkpoints hold in two bytes a
 * value (and 200 MB for itself), so that its memory does not grow with the model; the comparison has
 * to fit in that, too.
 */
function comparisonBound(checkpoint: CheckpointWeights): number {
  return Math.max(4 * 2 * largestTensor(checkpoint), 100e6);
}

function licenseOf({ metadata }: CheckpointWeights): string {
  const license = metadata.get("general.license") ?? metadata.get("license");
  return typeof license === "string" ? license : "unknown";
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
