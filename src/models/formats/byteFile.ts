import { detailOf, message, type Argument, type Message } from "../../messages";
import { closeSync, readSync } from "node:fs";
import { openRegularFile } from "../../files/regularFile";
import { ModelError } from "../modelError";

/**
 * A file that is read piece by piece and not trusted: every length is compared with the file's real
 * size before anything is allocated, and every error names the file and the byte.
 */
export class ByteFile {
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

  /** `length` bytes from `offset` on; `what` names them if they are not there. */
  read(offset: number, length: number, what: Argument): Buffer {
    this.check(offset, length, what);
    const bytes = Buffer.from(new ArrayBuffer(length));
    this.readInto(bytes, offset, what);
    return bytes;
  }

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
   * What is wrong, and where.
   *
   * @param help what to do; unless given, what helps with a file that is damaged
   */
  error(offset: number, cause: Message, help?: Message): ModelError {
    const { path } = this;
    return new ModelError(
      help === undefined
        ? { code: "checkpoint damaged", args: [path, offset, cause] }
        : { code: "checkpoint refused at", args: [path, offset, cause, help] },
    );
  }

  /** Something that is well-formed but that this version does not read; `cause` names the way out. */
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

/** Runs `read` on the file, which stays open only if that succeeds. */
export function opening<T>(path: string, read: (file: ByteFile) => T): T {
  const file = new ByteFile(path);
  try {
    return read(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Dimensions, to print. */
export function shapeText(dims: readonly (number | string)[]): string {
  return `[${dims.join(",")}]`;
}

/** A name from a file, safe to print: hostile ones may be long or hold control characters. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
