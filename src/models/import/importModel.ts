import { basename, extname, join } from "node:path";
import type { Quantisation } from "../../engine/quantise";
import { bytesOfText, encode } from "../../tokenizer/tokenizer";
import { freeBytes, requireSpace } from "./diskSpace";
import { architectureOf, type Architecture } from "../formats/architecture";
import type { CheckpointWeights } from "../formats/checkpoint";
import { openCheckpoint } from "../formats/open";
import { collectGarbage } from "./garbage";
import { findTokenizer, type FoundTokenizer } from "./importTokenizer";
import {
  architectureName,
  type Manifest,
  type QuantisationLoss,
} from "../package/manifest";
import {
  comparisonBytes,
  largestStage,
  parametersOf,
  weightBytes,
} from "./modelSize";
import { PackageFiles } from "../package/packageFiles";
import {
  refuseOtherContents,
  writePackageFolder,
} from "../package/packageFolder";
import {
  comparisonText,
  measureLoss,
  mostPositions,
  type Comparison,
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
  /** Bytes of weights written in this step, and about how many there will be. */
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
    files.writeGraph(
      generation,
      checkpoint,
      this.graphOptions,
      this.progress("writing", weightBytes(checkpoint, options.quantisation)),
    );
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

  private get graphOptions(): Comparison["options"] {
    const { checkpoint, options, architecture } = this;
    // rwkv.cpp computes RWKV-5 with another ε than the official code; its files are meant for that.
    const ownEpsilon =
      checkpoint.container === "rwkv.cpp" &&
      architecture.generation.startsWith("5");
    return {
      quantisation: options.quantisation,
      ...(ownEpsilon ? { headNormEpsilon: 1e-5 } : {}),
    };
  }

  /** Told of every piece of weights: says how far it is, and stops where it is cancelled. */
  private progress(
    step: ImportProgress["step"],
    total: number,
  ): (bytes: number) => void {
    const { signal, onProgress } = this.options;
    let done = 0;
    return (bytes) => {
      signal.throwIfAborted();
      collectGarbage(bytes);
      done += bytes;
      onProgress?.({ step, done: Math.min(done, total), total });
    };
  }

  /** Compares with the same network in full precision. */
  private async measureLoss(
    folder: string,
  ): Promise<QuantisationLoss | string> {
    const { checkpoint, options, tokenizer } = this;
    const { quantisation } = options;
    if (quantisation === "none") return "nothing was quantised";
    const bytes = largestStage(checkpoint, quantisation);
    if ((await freeBytes(folder)) < bytes)
      return `the loss was not measured: the disk has no ${megabytes(bytes)} to spare for the comparison`;
    const start = tokenizer.documentStart;
    const tokens = [
      ...("tokens" in start ? start.tokens : [start.text]),
      ...encode(tokenizer.tokenizer, bytesOfText(comparisonText)),
    ];
    return measureLoss({
      generation: this.architecture.generation,
      weights: checkpoint,
      options: this.graphOptions,
      tokens: tokens.slice(0, mostPositions),
      folder: join(folder, "comparison"),
      onBytes: this.progress(
        "comparing",
        comparisonBytes(checkpoint, quantisation),
      ),
    });
  }
}

function licenseOf({ metadata }: CheckpointWeights): string {
  const license = metadata.get("general.license") ?? metadata.get("license");
  return typeof license === "string" ? license : "unknown";
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
