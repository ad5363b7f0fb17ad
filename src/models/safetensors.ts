import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fromFloat16 } from "../engine/float16";
import type { Weights } from "../engine/weights";
import { ModelError } from "./modelError";

/**
 * Reads `.safetensors` files: eight bytes with the header's length, a JSON header that places
 * every tensor, the tensors (format: huggingface/safetensors README).
 *
 * The header is data that may be hostile: nothing is allocated before it has been compared with
 * the file's real size.
 */
type Dtype = "F32" | "F16" | "BF16";
const bytesPerValue: Record<Dtype, number> = { F32: 4, F16: 2, BF16: 2 };

/** The format's own limit. */
const longestHeader = 100_000_000;

interface Entry {
  dtype: Dtype;
  dims: number[];
  start: number;
  end: number;
}

export class Safetensors implements Weights {
  private readonly entries: Map<string, Entry>;
  private readonly descriptor: number;

  /** @throws ModelError if the file cannot be read or is not well-formed. */
  constructor(private readonly path: string) {
    try {
      this.descriptor = openSync(path, "r");
    } catch (error) {
      throw new ModelError(`cannot open ${path}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    try {
      this.entries = this.readHeader(fstatSync(this.descriptor).size);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  dims(name: string): readonly number[] {
    return this.entry(name).dims;
  }

  float32(name: string): Float32Array {
    const { dtype, start, end } = this.entry(name);
    const bytes = this.read(start, end - start);
    const count = bytes.length / bytesPerValue[dtype];
    const values = new Float32Array(count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (dtype === "F32") {
      for (let i = 0; i < count; i++) values[i] = view.getFloat32(4 * i, true);
    } else if (dtype === "F16") {
      for (let i = 0; i < count; i++)
        values[i] = fromFloat16(view.getUint16(2 * i, true));
    } else {
      // bfloat16 is the upper half of a float32.
      const words = new Uint32Array(values.buffer);
      for (let i = 0; i < count; i++)
        words[i] = view.getUint16(2 * i, true) << 16;
    }
    return values;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined)
      throw new ModelError(`${this.path} has no tensor ${name}`);
    return entry;
  }

  private readHeader(fileSize: number): Map<string, Entry> {
    if (fileSize < 8) throw this.error("is shorter than a safetensors header");
    const length = Number(this.read(0, 8).readBigUInt64LE());
    if (length > Math.min(longestHeader, fileSize - 8)) {
      throw this.error(
        `claims a header of ${length} bytes but has ${fileSize - 8} after its length`,
      );
    }
    let header: unknown;
    try {
      header = JSON.parse(this.read(8, length).toString("utf8"));
    } catch {
      throw this.error("has a header that is not JSON");
    }
    if (
      typeof header !== "object" ||
      header === null ||
      Array.isArray(header)
    ) {
      throw this.error("has a header that is not an object");
    }
    const data = 8 + length;
    const entries = new Map<string, Entry>();
    for (const [name, value] of Object.entries(header)) {
      if (name !== "__metadata__")
        entries.set(name, this.readEntry(name, value, data, fileSize));
    }
    return entries;
  }

  private readEntry(
    name: string,
    value: unknown,
    data: number,
    fileSize: number,
  ): Entry {
    const {
      dtype,
      shape,
      data_offsets: offsets,
    } = (value ?? {}) as Record<string, unknown>;
    if (typeof dtype !== "string" || !Object.hasOwn(bytesPerValue, dtype)) {
      throw this.error(
        `stores ${name} as ${String(dtype)}; only F32, F16 and BF16 are read`,
      );
    }
    if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
      throw this.error(`has no valid shape and offsets for ${name}`);
    }
    const [start, end] = [data + offsets[0]!, data + offsets[1]!];
    const size = shape.reduce(
      (product, dim) => product * dim,
      bytesPerValue[dtype as Dtype],
    );
    if (end > fileSize || end - start !== size) {
      throw this.error(
        `places ${name} at bytes ${start} to ${end} of ${fileSize}, its shape wants ${size}`,
      );
    }
    return { dtype: dtype as Dtype, dims: shape, start, end };
  }

  private read(start: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const count = readSync(
        this.descriptor,
        bytes,
        done,
        length - done,
        start + done,
      );
      if (count === 0)
        throw this.error(
          `ends at byte ${start + done}, in the middle of its data`,
        );
      done += count;
    }
    return bytes;
  }

  private error(what: string): ModelError {
    return new ModelError(
      `${this.path} ${what}; fetch or export the file again`,
    );
  }
}

function isSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((n) => Number.isSafeInteger(n) && n >= 0)
  );
}
