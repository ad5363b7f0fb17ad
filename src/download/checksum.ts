import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** The checksum of a file, as its repository gives it. */
export interface Checksum {
  /** "sha256" for large files (LFS), else "git": the sha1 of a header with the length and the content. */
  readonly algorithm: "sha256" | "git";
  /** Hexadecimal, in lower case. */
  readonly value: string;
}

/**
 * Whether there is a file at `path` with this size (bytes) and checksum.
 *
 * @throws the signal's reason when it is aborted
 */
export async function isWhole(
  path: string,
  { size, checksum }: { size: number; checksum: Checksum },
  signal: AbortSignal,
): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile() || stats.size !== size) return false;
  const hash = createHash(checksum.algorithm === "git" ? "sha1" : "sha256");
  if (checksum.algorithm === "git") hash.update(`blob ${size}\0`);
  // A piece of 256 KiB takes about a millisecond; between the pieces other work in this process goes on.
  for await (const chunk of createReadStream(path, {
    highWaterMark: 1 << 18,
  })) {
    signal.throwIfAborted();
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex") === checksum.value;
}
