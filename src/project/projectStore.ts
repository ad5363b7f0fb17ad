import { createHash, randomUUID } from "node:crypto";
import * as nodeFileSystem from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "./project";
import {
  projectFile,
  restoreProject,
  type ProjectFileKeys,
} from "./projectFile";

/** What the store needs of the file system; tests put faults in. */
export type StoreFileSystem = Pick<
  typeof nodeFileSystem,
  "lstat" | "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rm"
>;

export interface ProjectStoreOptions {
  /** What tells this project from others: its folders. */
  readonly roots: readonly string[];
  /** What tells the tokenizer from others; empty: there is none. */
  readonly tokenizer: string;
  /** Bytes of the largest file that is read. */
  readonly mostBytes: number;
  readonly fs?: StoreFileSystem;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const indexName = /^project-[0-9a-f]{16}\.index$/;
const partialName =
  /^project-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.partial$/;
/** Milliseconds after which an unfinished file is abandoned. */
const oldPartial = 60 * 60 * 1000;

/**
 * Keeps what is known of a project from one start to the next, in one file of the workspace's
 * storage. A file is whole or not there; only the user can read it.
 */
export class ProjectStore {
  private readonly fs: StoreFileSystem;
  private readonly now: () => number;
  private readonly keys: ProjectFileKeys;
  private readonly name: string;

  constructor(
    private readonly folder: string,
    private readonly options: ProjectStoreOptions,
  ) {
    this.fs = options.fs ?? nodeFileSystem;
    this.now = options.now ?? Date.now;
    const project = sha256(JSON.stringify([...options.roots].sort()));
    this.keys = { project, tokenizer: sha256(options.tokenizer) };
    this.name = `project-${project.slice(0, 16)}.index`;
  }

  /**
   * Puts what was saved into a project that is empty. Damaged and foreign data is removed.
   *
   * @returns whether there was something
   */
  async load(project: Project): Promise<boolean> {
    const path = join(this.folder, this.name);
    try {
      const stats = await this.fs.lstat(path);
      const isGood =
        stats.isFile() &&
        stats.size <= this.options.mostBytes &&
        (await restoreProject(
          project,
          await this.fs.readFile(path),
          this.keys,
        ));
      if (!isGood) await this.remove(this.name);
      return isGood;
    } catch {
      return false;
    }
  }

  /**
   * Saves a project: under a name of its own first, renamed when all of it is on the disk.
   *
   * @throws Error if the disk is full or read-only; what was saved before is still there
   */
  async save(project: Project): Promise<void> {
    await this.fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.removeOldPartials();
    const partial = join(this.folder, `project-${randomUUID()}.partial`);
    try {
      // "x": whatever lies there already, a link perhaps, is not written to.
      const file = await this.fs.open(partial, "wx", 0o600);
      try {
        for await (const part of projectFile(project, this.keys))
          await file.writeFile(part);
        // A power cut may undo the renaming; it must not leave the name with half of the bytes.
        await file.sync();
      } finally {
        await file.close();
      }
      await this.fs.rename(partial, join(this.folder, this.name));
    } catch (error) {
      await this.fs.rm(partial, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Removes what was saved of all projects in a folder, and nothing else.
   *
   * @throws Error if some of it cannot be removed
   */
  static async clear(
    folder: string,
    fs: Pick<StoreFileSystem, "readdir" | "rm"> = nodeFileSystem,
  ): Promise<void> {
    const names = await fs.readdir(folder).catch(() => []);
    for (const name of names)
      if (indexName.test(name) || partialName.test(name))
        await fs.rm(join(folder, name), { force: true });
  }

  private async removeOldPartials(): Promise<void> {
    for (const name of await this.fs.readdir(this.folder)) {
      if (!partialName.test(name)) continue;
      const stats = await this.fs
        .lstat(join(this.folder, name))
        .catch(() => undefined);
      // A younger one may be what another window is writing.
      if (stats !== undefined && this.now() - stats.mtimeMs > oldPartial)
        await this.remove(name);
    }
  }

  private async remove(name: string): Promise<void> {
    await this.fs
      .rm(join(this.folder, name), { force: true })
      .catch(() => undefined);
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
