import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { temporaryName } from "../../files/temporaryName";

/** Writes a file from front to back. */
export interface FileWriter {
  /** Bytes written so far. */
  readonly length: number;
  write(bytes: Uint8Array): void;
  /** Zeros up to the next multiple of `alignment`. */
  pad(alignment: number): void;
}

/** The file appears under its name only when `write` has succeeded; else nothing is left. */
export function writeFile(
  path: string,
  write: (writer: FileWriter) => void,
): void {
  const partial = `${path}.${temporaryName()}.partial`;
  // Never a file that was there before.
  const descriptor = openSync(partial, "wx");
  try {
    let length = 0;
    const writer: FileWriter = {
      get length() {
        return length;
      },
      write(bytes) {
        for (let done = 0; done < bytes.length;)
          done += writeSync(descriptor, bytes, done);
        length += bytes.length;
      },
      pad(alignment) {
        const rest = length % alignment;
        if (rest > 0) this.write(new Uint8Array(alignment - rest));
      },
    };
    write(writer);
  } catch (error) {
    closeSync(descriptor);
    rmSync(partial, { force: true });
    throw error;
  }
  closeSync(descriptor);
  renameSync(partial, path);
}
