import type { Weights } from "../../engine/weights";
import { ModelError } from "../modelError";
import { quoted, type ByteFile } from "./byteFile";
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

/** What a file says about itself beside its tensors, under the names that its format uses. */
export type Metadata = ReadonlyMap<string, MetadataValue>;

/** An open checkpoint: tensors under their official names and in their official layouts. */
export interface CheckpointWeights extends Weights {
  readonly path: string;
  readonly container: Container;
  /** The number type of most of its matrices: FP32, FP16, BF16, Q5_1 … */
  readonly format: string;
  readonly metadata: Metadata;
  names(): string[];
  close(): void;
}

/** Tensors of a file by name. */
export class Checkpoint implements CheckpointWeights {
  constructor(
    private readonly file: ByteFile,
    readonly container: Container,
    readonly format: string,
    readonly metadata: Metadata,
    private readonly tensors: ReadonlyMap<string, TensorView>,
  ) {}

  get path(): string {
    return this.file.path;
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
    this.file.close();
  }

  private tensor(name: string): TensorView {
    const tensor = this.tensors.get(name);
    if (tensor === undefined)
      throw new ModelError(`${this.path} has no tensor ${quoted(name)}`);
    return tensor;
  }
}

/**
 * The number type of most weights. The embedding and the head do not count while there are other
 * matrices: quantised files often keep them in full.
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
