import * as nodeFileSystem from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import {
  isAbandoned,
  isTemporary,
  temporaryName,
} from "../files/temporaryName";

/** The file operations of a folder; tests inject faults. */
export type FolderFileSystem = Pick<
  typeof nodeFileSystem,
  "mkdir" | "open" | "readdir" | "rename" | "rm" | "stat" | "utimes"
>;

export interface StateFolderOptions {
  /** Most bytes of all files together. */
  limit: number;
  fs?: FolderFileSystem;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** Milliseconds without writing after a write that failed, for instance because the disk is full. */
const pause = 60_000;
/** A file name that `StateStore` makes: model, position, hash. Other programs may use `.state`, too. */
export const stateName =
  /^[0-9a-f]{16}-(0|[1-9]\d{0,15})-[0-9a-f]{1,14}\.state$/;

/** The name of a file that is being written, without its ending; undefined if it is none. */
function partOf(name: string): string | undefined {
  const [, temporary = ""] = /^(.*)\.partial$/.exec(name) ?? [];
  return isTemporary(temporary) ? temporary : undefined;
}

/**
 * A folder of files within a limit of bytes; the least recently used ones are removed. A file is
 * complete or absent, and only the user can read it.
 *
 * Several processes may use one folder: each lists it again before it writes, and a file that has
 * vanished is no error. On a full or read-only disk nothing is kept, without an error.
 */
export class StateFolder {
  /** The known files, with the time when each was last written or read. */
  private readonly files = new Map<string, { bytes: number; used: number }>();
  /** Name for all unfinished files of this process, so that failed writes leave one file at most. */
  private readonly partial = `${temporaryName()}.partial`;
  private readonly limit: number;
  private readonly fs: FolderFileSystem;
  private readonly now: () => number;
  private lastChange: Promise<unknown> = Promise.resolve();
  private pausedUntil = 0;

  private constructor(
    private readonly path: string,
    { limit, fs = nodeFileSystem, now = Date.now }: StateFolderOptions,
  ) {
    this.limit = limit;
    this.fs = fs;
    this.now = now;
  }

  /**
   * Opens the folder at `path`, which is created with the first file. Unfinished files of killed
   * processes are removed.
   */
  static async open(
    path: string,
    options: StateFolderOptions,
  ): Promise<StateFolder> {
    const folder = new StateFolder(path, options);
    const names = await folder.list().catch(() => []);
    for (const name of names)
      if (isAbandoned(partOf(name) ?? "")) await folder.remove(name);
    await folder.rescan(names);
    return folder;
  }

  /** Bytes of all files when the folder was last looked at. */
  get bytes(): number {
    let bytes = 0;
    for (const file of this.files.values()) bytes += file.bytes;
    return bytes;
  }

  /** Names of all states when the folder was last looked at. */
  names(): Iterable<string> {
    return this.files.keys();
  }

  has(name: string): boolean {
    return this.files.has(name);
  }

  /**
   * Reads a file by `read`; if that returns undefined, the file is invalid and removed.
   *
   * @returns undefined if there is no valid file that can be read; `has` is false from then on
   */
  async read<T>(
    name: string,
    read: (file: FileHandle) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    let found: T | undefined;
    try {
      found = await this.withFile(name, "r", read);
      if (found === undefined) await this.remove(name);
    } catch {
      // A file that cannot be read now may be valid: it stays on the disk.
    }
    if (found === undefined) this.files.delete(name);
    else await this.touch(name);
    return found;
  }

  /**
   * Creates a file unless it exists.
   *
   * @param write writes exactly `bytes` bytes
   * @returns whether the file exists now
   */
  write(
    name: string,
    bytes: number,
    write: (file: FileHandle) => Promise<void>,
  ): Promise<boolean> {
    return this.inTurn(async () => {
      if (this.has(name) && (await this.touch(name))) return true;
      if (bytes > this.limit || this.now() < this.pausedUntil) return false;
      try {
        await this.fs.mkdir(this.path, { recursive: true, mode: 0o700 });
        await this.rescan(await this.list());
        await this.makeRoom(bytes);
        await this.withFile(this.partial, "w", async (file) => {
          await write(file);
          // After a power cut the renamed file must not have only a part of its bytes.
          await file.sync();
        });
        await this.fs.rename(this.at(this.partial), this.at(name));
        this.files.set(name, { bytes, used: this.now() });
        return true;
      } catch {
        await this.remove(this.partial);
        this.pausedUntil = this.now() + pause;
        return false;
      }
    });
  }

  /**
   * Removes all files.
   *
   * @throws Error if some cannot be removed
   */
  clear(): Promise<void> {
    return this.inTurn(async () => {
      let left = 0;
      for (const name of await this.list())
        if (!(await this.remove(name))) left++;
      if (left > 0)
        throw new Error(`${left} files in ${this.path} cannot be removed`);
      this.files.clear();
    });
  }

  /** Runs changes one after the other: at the same time, two could count the same free bytes. */
  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.lastChange.then(change);
    this.lastChange = result.catch(() => undefined);
    return result;
  }

  private at(name: string): string {
    return join(this.path, name);
  }

  private async withFile<T>(
    name: string,
    flags: "r" | "w",
    use: (file: FileHandle) => Promise<T>,
  ): Promise<T> {
    const file = await this.fs.open(this.at(name), flags, 0o600);
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }

  /** Names of all states in the folder and of unfinished files. */
  private async list(): Promise<string[]> {
    try {
      const names = await this.fs.readdir(this.path);
      return names.filter(
        (name) => stateName.test(name) || partOf(name) !== undefined,
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  /** Updates `files` by what other processes have added and removed. */
  private async rescan(names: readonly string[]): Promise<void> {
    const there = new Set(names);
    for (const name of this.files.keys())
      if (!there.has(name)) this.files.delete(name);
    for (const name of there) {
      if (!stateName.test(name) || this.files.has(name)) continue;
      const stats = await this.fs.stat(this.at(name)).catch(() => undefined);
      if (stats?.isFile())
        this.files.set(name, { bytes: stats.size, used: stats.mtimeMs });
    }
  }

  /** @throws Error if not enough can be removed */
  private async makeRoom(bytes: number): Promise<void> {
    const byAge = [...this.files].sort(([, a], [, b]) => a.used - b.used);
    let over = this.bytes + bytes - this.limit;
    for (const [name, file] of byAge)
      if (over > 0 && (await this.remove(name))) over -= file.bytes;
    if (over > 0) throw new Error(`there is no room in ${this.path}`);
  }

  /** @returns whether the file no longer exists */
  private async remove(name: string): Promise<boolean> {
    try {
      await this.fs.rm(this.at(name), { force: true });
      this.files.delete(name);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Sets the time of a file's last use, also on disk for other processes and the next start.
   *
   * @returns whether the file exists
   */
  private async touch(name: string): Promise<boolean> {
    const used = this.now();
    try {
      await this.fs.utimes(this.at(name), used / 1000, used / 1000);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") return true;
      this.files.delete(name);
      return false;
    }
    const file = this.files.get(name);
    if (file !== undefined) file.used = used;
    return true;
  }
}
