import * as nodeFileSystem from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import {
  isAbandoned,
  isTemporary,
  temporaryName,
} from "../files/temporaryName";

/** What a folder needs of the file system; tests put faults in. */
export type FolderFileSystem = Pick<
  typeof nodeFileSystem,
  "mkdir" | "open" | "readdir" | "rename" | "rm" | "stat" | "utimes"
>;

export interface StateFolderOptions {
  /** Bytes that the files may take together. */
  limit: number;
  fs?: FolderFileSystem;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** After a write that failed (a full disk, say), none is tried for so many milliseconds. */
const pause = 60_000;
/** A state's name, as `StateStore` makes it: model, position, hash. Others' files may end in `.state`. */
const stateName = /^[0-9a-f]{16}-(0|[1-9]\d{0,15})-[0-9a-f]{1,14}\.state$/;

/** The name of a file that is being written, without its ending; undefined if it is none. */
function partOf(name: string): string | undefined {
  const [, temporary = ""] = /^(.*)\.partial$/.exec(name) ?? [];
  return isTemporary(temporary) ? temporary : undefined;
}

/**
 * A folder of files that are whole or not there, together within a limit: those unused for the
 * longest make room. Only the user can read them.
 *
 * Several processes may use one folder: each looks at it anew before it writes, and files that
 * vanish are no error. Nor is a disk that is full or read-only: it keeps nothing.
 */
export class StateFolder {
  /** As far as known, with the time when each was last written or read. */
  private readonly files = new Map<string, { bytes: number; used: number }>();
  /** One name, used in turn: however often a write fails, no more than one such file is left. */
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
   * The folder at `path`, which need not be there and is made for the first file. What a killed
   * process has left unfinished is removed.
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
   * What `read` finds in a file. One in which it finds nothing is removed.
   *
   * @returns undefined if there is nothing, or nothing that can be read; `has` then says so, too
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
      // That it cannot be read now does not say that it is bad: it stays on the disk.
    }
    if (found === undefined) this.files.delete(name);
    else await this.touch(name);
    return found;
  }

  /**
   * Makes a file, of which `write` writes exactly `bytes` bytes, unless there is one of the name.
   *
   * @returns whether it is there now
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
          // A power cut may undo the renaming; it must not leave the name with half of the bytes.
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

  /** Changes come one after the other, or two could take the same room. */
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

  /** Names of all files in the folder that are its own, finished or not. */
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

  /** Takes note of what other processes have added and removed. */
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

  /** @returns whether the file is gone now */
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
   * Notes that a file is in use, for other processes and the next start, too.
   *
   * @returns whether it is there
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
