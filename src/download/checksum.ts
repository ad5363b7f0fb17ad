import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** The checksum that a repository states for a file. */
export interface Checksum {
  /** Of large files (LFS) the sha256; of others git's own: sha1 behind a header with the length. */
  readonly algorithm: "sha256" | "git";
  /** Hexadecimal, in lower case. */
  readonly value: string;
}

/**
 * Whether a file has a size and a checksum; a file that is not there has not.
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
  // Pieces of about a millisecond, so that other work in this process goes on between them.
  for await (const chunk of createReadStream(path, {
    highWaterMark: 1 << 18,
  })) {
    signal.throwIfAborted();
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex") === checksum.value;
}
