import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileSize, mebibyte } from "../../text/bytes";
import { ModelError } from "../modelError";

/** Left free in any case: a full disk breaks more than an import. */
const reserve = 64 * mebibyte;

/** Bytes that may be written below `path`, which need not exist yet. */
export async function freeBytes(path: string): Promise<number> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return Math.max(0, bavail * bsize - reserve);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isMissing = code === "ENOENT" || code === "ENOTDIR";
      if (!isMissing || dirname(folder) === folder) throw error;
    }
  }
}

/** @throws ModelError unless `bytes` can be written below `path`. */
export async function requireSpace(path: string, bytes: number): Promise<void> {
  const free = await freeBytes(path);
  if (free < bytes) {
    throw new ModelError({
      code: "disk too small",
      args: [path, fileSize(bytes), fileSize(free)],
    });
  }
}
