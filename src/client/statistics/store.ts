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

/** Milliseconds after which a lock is taken for one that a crash has left. */
const staleLock = 30_000;

/** Figures that came later are missing in older rows (`asRow`), and do not raise the version. */
interface StatisticsFile {
  version: 1;
  rows: Row[];
}

/**
 * The figures on disk, one small JSON file for all windows. Each window adds what it has counted
 * since it wrote last, so no window overwrites the figures of another.
 */
export class StatisticsStore {
  private pending: Row[] = [];
  private queue: Promise<void> = Promise.resolve();

  /** @param path of the file, in a folder that need not exist */
  constructor(private readonly path: string) {}

  count(row: Row): void {
    this.pending = merged(this.pending, [row]);
  }

  /** All figures there are: those on disk and those not yet written. */
  async rows(): Promise<Row[]> {
    await this.queue;
    return merged(await this.read(), this.pending);
  }

  /** Writes what was counted; what cannot be written stays for the next time. */
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

  /** Deletes all figures. */
  clear(): Promise<void> {
    return this.inTurn(async () => {
      this.pending = [];
      await rm(this.path, { force: true });
    });
  }

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

  /** A file that cannot be understood is put aside, not overwritten. */
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
 * Resolves to what gives the lock back.
 *
 * @throws Error while another window has it
 */
async function lock(path: string): Promise<() => Promise<void>> {
  const made = await stat(path).catch(() => undefined);
  if (made !== undefined && Date.now() - made.mtimeMs > staleLock)
    await rm(path, { force: true });
  await (await open(path, "wx")).close();
  return () => rm(path, { force: true });
}
