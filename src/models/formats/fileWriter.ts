import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { temporaryName } from "../../files/temporaryName";

/** Appends to a file. */
export interface FileWriter {
  /** Bytes written so far. */
  readonly length: number;
  write(bytes: Uint8Array): void;
  /** Appends zeros up to the next multiple of `alignment` bytes. */
  pad(alignment: number): void;
}

/**
 * Writes a file under a temporary name and renames it to `path` when `write` has returned. If `write`
 * throws, the temporary file is removed.
 */
export function writeFile(
  path: string,
  write: (writer: FileWriter) => void,
): void {
  const partial = `${path}.${temporaryName()}.partial`;
  // "wx" fails if the file exists.
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
