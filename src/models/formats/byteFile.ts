import { detailOf, message, type Argument, type Message } from "../../messages";
import { closeSync, readSync } from "node:fs";
import { openRegularFile } from "../../files/regularFile";
import { ModelError } from "../modelError";

/**
 * An untrusted file that is read piece by piece. Every length is compared with the file's real size
 * before memory is allocated. Every error names the file and the offset of the byte.
 */
export class ByteFile {
  /** In bytes. */
  readonly size: number;
  private readonly descriptor: number;
  private open = true;

  /** @throws ModelError if there is no such file or it cannot be read. */
  constructor(readonly path: string) {
    try {
      const { descriptor, size } = openRegularFile(path);
      this.descriptor = descriptor;
      this.size = size;
    } catch (error) {
      throw new ModelError(
        {
          code: "checkpoint unreadable",
          args: [path, detailOf(error)],
        },
        { cause: error },
      );
    }
  }

  /**
   * Reads `length` bytes from `offset` on into a new buffer.
   *
   * @param what the name of these bytes, for errors
   * @throws ModelError if the file has fewer bytes
   */
  read(offset: number, length: number, what: Argument): Buffer {
    this.check(offset, length, what);
    const bytes = Buffer.from(new ArrayBuffer(length));
    this.readInto(bytes, offset, what);
    return bytes;
  }

  /** Like `read`, but fills `target`. */
  readInto(target: Uint8Array, offset: number, what: Argument): void {
    this.check(offset, target.length, what);
    let done = 0;
    while (done < target.length) {
      const count = readSync(
        this.descriptor,
        target,
        done,
        target.length - done,
        offset + done,
      );
      if (count === 0)
        throw this.error(offset + done, message("file ends inside", what));
      done += count;
    }
  }

  /** @throws ModelError unless `length` bytes from `offset` on lie in the file. */
  check(offset: number, length: number, what: Argument): void {
    const sound =
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0;
    if (!sound || offset + length > this.size) {
      throw this.error(
        offset,
        message("beyond the file", what, length, this.size),
      );
    }
  }

  /**
   * The error for something that is wrong at a byte of the file.
   *
   * @param help what to do; by default, what helps if the file is damaged
   */
  error(offset: number, cause: Message, help?: Message): ModelError {
    const { path } = this;
    return new ModelError(
      help === undefined
        ? { code: "checkpoint damaged", args: [path, offset, cause] }
        : { code: "checkpoint refused at", args: [path, offset, cause, help] },
    );
  }

  /**
   * The error for a file that is well-formed but not supported.
   *
   * @param cause includes what to do
   */
  refusal(cause: Message): ModelError {
    return new ModelError({
      code: "checkpoint refused",
      args: [this.path, cause],
    });
  }

  /** Closing twice is harmless. */
  close(): void {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  }
}

/**
 * Opens a file and calls `read` with it. If `read` throws, the file is closed; else it stays open.
 *
 * @throws ModelError if the file cannot be opened
 */
export function opening<T>(path: string, read: (file: ByteFile) => T): T {
  const file = new ByteFile(path);
  try {
    return read(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Dimensions as text: [768,3072]. */
export function shapeText(dims: readonly (number | string)[]): string {
  return `[${dims.join(",")}]`;
}

/**
 * A name from a file, quoted and escaped for a message, and cut to 80 characters. A hostile name may be
 * long or contain control characters.
 */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
