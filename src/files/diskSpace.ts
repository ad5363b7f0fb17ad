import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Bytes that always stay free: a full disk would harm other programs. */
const reserve = 64 << 20;

/** Bytes that may be written in `path`, which need not exist yet. */
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
