import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Left free in any case: a full disk breaks more than what is written here. */
const reserve = 64 << 20;

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
