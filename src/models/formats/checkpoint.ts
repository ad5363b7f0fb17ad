import type { Weights } from "../../engine/weights";
import { ModelError } from "../modelError";
import { quoted, type ByteFile } from "./byteFile";
import type { ModelConfig } from "./modelConfig";
import { sizeOf, type StoredTensor, type TensorView } from "./tensorView";

export type Container = "pth" | "safetensors" | "gguf" | "rwkv.cpp";

export type MetadataValue =
  | string
  | number
  | bigint
  | boolean
  | readonly string[]
  | readonly bigint[]
  | readonly number[];

/** What a file contains beside its tensors: values by the names that its format uses. */
export type Metadata = ReadonlyMap<string, MetadataValue>;

/** The contents of a file. Its tensors have the file's own names. */
export interface TensorFile {
  container: Container;
  metadata: Metadata;
  tensors: ReadonlyMap<string, StoredTensor>;
}

/** An open checkpoint: tensors under their official names and in their official layouts. */
export interface CheckpointWeights extends Weights {
  /** Path of the file that the user named. */
  readonly path: string;
  readonly container: Container;
  /** The number type of most of its matrices: FP32, FP16, BF16, Q5_1 … */
  readonly format: string;
  readonly metadata: Metadata;
  /** The `config.json` beside the weights, if there is one of an RWKV. */
  readonly config: ModelConfig | undefined;
  names(): string[];
  close(): void;
}

export interface CheckpointParts {
  container: Container;
  format: string;
  metadata: Metadata;
  tensors: ReadonlyMap<string, TensorView>;
  config?: ModelConfig | undefined;
}

/** A checkpoint in one or several files. */
export class Checkpoint implements CheckpointWeights {
  readonly container: Container;
  readonly format: string;
  readonly metadata: Metadata;
  readonly config: ModelConfig | undefined;
  private readonly tensors: ReadonlyMap<string, TensorView>;

  /** @param files the first is the one that the user named; `close` closes all of them */
  constructor(
    private readonly files: readonly [ByteFile, ...ByteFile[]],
    { container, format, metadata, tensors, config }: CheckpointParts,
  ) {
    this.container = container;
    this.format = format;
    this.metadata = metadata;
    this.tensors = tensors;
    this.config = config;
  }

  get path(): string {
    return this.files[0].path;
  }

  names(): string[] {
    return [...this.tensors.keys()];
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  dims(name: string): readonly number[] {
    return this.tensor(name).dims;
  }

  float32(name: string): Float32Array {
    return this.tensor(name).float32();
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  private tensor(name: string): TensorView {
    const tensor = this.tensors.get(name);
    if (tensor === undefined)
      throw new ModelError({
        code: "tensor missing",
        args: [this.path, quoted(name)],
      });
    return tensor;
  }
}

/**
 * The name of the number type that most weights have. If there are matrices in layers, only these
 * count: quantised files often store the embedding and the head with more bits.
 */
export function formatOf(tensors: ReadonlyMap<string, StoredTensor>): string {
  const counts = new Map<string, number>();
  const count = (only: (name: string, tensor: StoredTensor) => boolean) => {
    for (const [name, tensor] of tensors) {
      if (!only(name, tensor)) continue;
      const sum = counts.get(tensor.type.name) ?? 0;
      counts.set(tensor.type.name, sum + sizeOf(tensor.dims));
    }
  };
  count((name, { dims }) => dims.length === 2 && /\.\d+\./.test(name));
  if (counts.size === 0) count(() => true);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted[0]?.[0] ?? "FP32";
}
