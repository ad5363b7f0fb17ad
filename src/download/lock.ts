import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isAbandoned, temporaryName } from "../files/temporaryName";
import { DownloadError } from "./downloadError";

/**
 * Milliseconds after which the holder of a lock file updates its time again. A lock that was not updated
 * for four times as long is abandoned.
 */
const updateMs = 30_000;

/**
 * Runs `work` with a lock file beside `path`, so that no two processes write into one file.
 *
 * @throws DownloadError if another process has the lock
 * @throws what `work` throws, and errors of the file system
 */
export async function locked<T>(
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  const lock = `${path}.lock`;
  await mkdir(dirname(lock), { recursive: true });
  if (await isLeftOver(lock)) await rm(lock, { force: true });
  try {
    await writeFile(lock, temporaryName(), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new DownloadError(
      { code: "download running", args: [path] },
      {},
      { cause: error },
    );
  }
  const updates = setInterval(() => {
    const now = new Date();
    void utimes(lock, now, now).catch(() => undefined);
  }, updateMs);
  try {
    return await work();
  } finally {
    clearInterval(updates);
    await rm(lock, { force: true });
  }
}

/** Whether the process that made a lock has ended without removing it. */
async function isLeftOver(lock: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(lock);
    return (
      Date.now() - mtimeMs > 4 * updateMs ||
      isAbandoned(await readFile(lock, "utf8"))
    );
  } catch {
    return false;
  }
}
