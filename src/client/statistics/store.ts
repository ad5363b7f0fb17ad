import { randomUUID } from "node:crypto";
import {
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname } from "node:path";
import { asRow, merged, type Row } from "./counts";

/** Age in milliseconds from which a lock file counts as left over by a crash. */
const staleLock = 30_000;

/** Figures that came later are missing in older rows (`asRow`), and do not raise the version. */
interface StatisticsFile {
  version: 1;
  rows: Row[];
}

/**
 * The counts on disk, in one small JSON file for all windows. Each window adds what it has counted
 * since its last write, so no window overwrites the counts of another.
 */
export class StatisticsStore {
  /** Counts that are not yet written. */
  private pending: Row[] = [];
  private queue: Promise<void> = Promise.resolve();

  /** @param path of the file; its folder is made when the file is first written */
  constructor(private readonly path: string) {}

  count(row: Row): void {
    this.pending = merged(this.pending, [row]);
  }

  /** All counts: those on disk and those not yet written. */
  async rows(): Promise<Row[]> {
    await this.queue;
    return merged(await this.read(), this.pending);
  }

  /**
   * Adds the counts since the last write to the file.
   *
   * @throws Error if another window has the lock or the file cannot be written; the next call tries again
   */
  save(): Promise<void> {
    return this.inTurn(async () => {
      if (this.pending.length === 0) return;
      const added = this.pending;
      this.pending = [];
      try {
        await this.write((rows) => merged(rows, added));
      } catch (error) {
        this.pending = merged(added, this.pending);
        throw error;
      }
    });
  }

  /** Deletes all counts, of all windows but for those that another window has not yet written. */
  clear(): Promise<void> {
    return this.inTurn(async () => {
      this.pending = [];
      await rm(this.path, { force: true });
    });
  }

  /** Runs `work` after all earlier work on the file. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => undefined);
    return done;
  }

  private async write(change: (rows: Row[]) => Row[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const unlock = await lock(`${this.path}.lock`);
    const partial = `${this.path}.${randomUUID()}.partial`;
    try {
      const file: StatisticsFile = {
        version: 1,
        rows: change(await this.read()),
      };
      await writeFile(partial, JSON.stringify(file));
      await rename(partial, this.path);
    } finally {
      await rm(partial, { force: true });
      await unlock();
    }
  }

  /** The rows in the file. A malformed file is renamed (`….broken`), not overwritten. */
  private async read(): Promise<Row[]> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch {
      return [];
    }
    const rows = parse(text);
    if (rows !== undefined) return rows;
    await rename(this.path, `${this.path}.broken`).catch(() => undefined);
    return [];
  }
}

function parse(text: string): Row[] | undefined {
  try {
    const file = JSON.parse(text) as Partial<StatisticsFile> | null;
    if (file?.version !== 1 || !Array.isArray(file.rows)) return undefined;
    const rows = file.rows.map(asRow);
    return rows.every((row) => row !== undefined) ? rows : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes a lock; resolves to the function that releases it.
 *
 * @throws Error if another window has it
 */
async function lock(path: string): Promise<() => Promise<void>> {
  const made = await stat(path).catch(() => undefined);
  if (made !== undefined && Date.now() - made.mtimeMs > staleLock)
    await rm(path, { force: true });
  await (await open(path, "wx")).close();
  return () => rm(path, { force: true });
}
