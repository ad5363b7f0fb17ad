import type { Message } from "../../messages";
import { basename, dirname, join, resolve } from "node:path";
import type { Quantisation } from "../../engine/quantise";
import { fileSize } from "../../text/bytes";
import { bytesOfText, encode } from "../../tokenizer/tokenizer";
import { freeBytes } from "../../files/diskSpace";
import { requireSpace } from "./diskSpace";
import { architectureOf, type Architecture } from "../formats/architecture";
import type { CheckpointWeights } from "../formats/checkpoint";
import { normEpsilons, type NormEpsilons } from "../formats/normEpsilons";
import { openCheckpoint } from "../formats/open";
import { parametersOf } from "../formats/parameterCount";
import { collectGarbage } from "./garbage";
import type { FoundTokenizer } from "./foundTokenizer";
import { findTokenizer } from "./importTokenizer";
import {
  networkFields,
  type Manifest,
  type QuantisationLoss,
} from "../package/manifest";
import { comparisonBytes, largestStage, weightBytes } from "./modelSize";
import { PackageFiles } from "../package/packageFiles";
import {
  comparisonText,
  measureLoss,
  mostPositions,
  type Comparison,
} from "./quantisationLoss";

export interface ImportOptions {
  quantisation: Quantisation;
  /** Path of the tokenizer's file; needed if it is neither in the checkpoint nor beside it. */
  tokenizer?: string;
  /** The model's name; by default that of the checkpoint's file or folder. */
  name?: string;
  /** SPDX identifier; by default what the checkpoint's metadata says. */
  license?: string;
  signal: AbortSignal;
  onProgress?: (progress: ImportProgress) => void;
}

export interface ImportProgress {
  step: "writing" | "comparing";
  /** Bytes of weights written in this step. */
  done: number;
  /** Estimated bytes of weights that this step writes. */
  total: number;
}

export interface ImportReport {
  manifest: Manifest;
  /** The loss by quantisation, or a sentence that says why it was not measured. */
  loss: QuantisationLoss | Message;
}

/**
 * Makes a model package from a checkpoint of any generation and format: writes its files into
 * `folder`, which must exist and be empty. Generation, sizes and tokenizer are determined from the
 * checkpoint. At most one tensor is in memory at a time.
 *
 * The work blocks the event loop for seconds, so programs call `importInChild`.
 *
 * @param source path of the checkpoint
 * @throws ModelError with one sentence that names the cause and what to do; before anything is written
 *   if the disk has too little room
 * @throws the signal's reason when it is aborted
 */
export async function importInto(
  source: string,
  folder: string,
  options: ImportOptions,
): Promise<ImportReport> {
  const checkpoint = openCheckpoint(source);
  try {
    const architecture = architectureOf(checkpoint);
    const epsilons = normEpsilons(checkpoint, architecture);
    const tokenizer = await findTokenizer(
      checkpoint,
      architecture.vocabulary,
      options.tokenizer,
    );
    await requireSpace(folder, weightBytes(checkpoint, options.quantisation));
    const writer = new Import(
      checkpoint,
      { ...architecture, epsilons },
      tokenizer,
      options,
    );
    return await writer.write(folder);
  } finally {
    checkpoint.close();
  }
}

/** Writes one package. */
class Import {
  constructor(
    private readonly checkpoint: CheckpointWeights,
    private readonly architecture: Architecture & { epsilons: NormEpsilons },
    private readonly tokenizer: FoundTokenizer,
    private readonly options: ImportOptions,
  ) {}

  async write(folder: string): Promise<ImportReport> {
    const { checkpoint, tokenizer, options } = this;
    const files = new PackageFiles(folder);
    files.writeGraph(
      this.architecture.generation,
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
      name: options.name ?? nameOf(checkpoint.path),
      ...networkFields(this.architecture, parametersOf(checkpoint)),
      quantisation: options.quantisation,
      ...("code" in loss ? {} : { quantisationLoss: loss }),
      tokenizer: spec,
      documentStart: tokenizer.documentStart,
      license: options.license ?? licenseOf(checkpoint),
      provenance: `imported from ${basename(checkpoint.path)} (${checkpoint.container}, ${checkpoint.format})`,
    });
    options.signal.throwIfAborted();
    return { manifest, loss };
  }

  private get graphOptions(): Comparison["options"] {
    const { options, architecture } = this;
    return { quantisation: options.quantisation, ...architecture.epsilons };
  }

  /**
   * Returns a function to call with the size of each piece of weights. It reports the progress, frees
   * memory, and throws when the import is cancelled.
   */
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

  /** Compares the quantised network with the same network in full precision. */
  private async measureLoss(
    folder: string,
  ): Promise<QuantisationLoss | Message> {
    const { checkpoint, options, tokenizer } = this;
    const { quantisation } = options;
    if (quantisation === "none") return { code: "nothing quantised", args: [] };
    const bytes = largestStage(checkpoint, quantisation);
    if ((await freeBytes(folder)) < bytes)
      return { code: "loss not measured", args: [fileSize(bytes)] };
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

/**
 * The name for a checkpoint's model: the name of its file without extension and part number. Where
 * files of all models have the same name (`model.safetensors`), the name of its folder.
 */
function nameOf(path: string): string {
  const name = basename(path)
    .replace(/\.(safetensors|bin)\.index\.json$/, "")
    .replace(/\.(pth|pt|bin|safetensors|gguf)$/i, "")
    .replace(/-\d{5}-of-\d{5}$/, "");
  const isCommon = /^(model|pytorch_model|checkpoint)$/.test(name);
  const folder = basename(dirname(resolve(path)));
  return isCommon && folder !== "" ? folder : name;
}

function licenseOf({ metadata }: CheckpointWeights): string {
  const license = metadata.get("general.license") ?? metadata.get("license");
  return typeof license === "string" ? license : "unknown";
}
