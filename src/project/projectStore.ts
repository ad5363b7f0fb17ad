import { createHash, randomUUID } from "node:crypto";
import * as nodeFileSystem from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "./project";
import {
  projectFile,
  restoreProject,
  type ProjectFileKeys,
} from "./projectFile";

/** The file operations of the store; tests inject faults. */
export type StoreFileSystem = Pick<
  typeof nodeFileSystem,
  "lstat" | "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rm"
>;

export interface ProjectStoreOptions {
  /** The project's folders, which identify it. */
  readonly roots: readonly string[];
  /** Identifies the tokenizer; empty: there is none. */
  readonly tokenizer: string;
  /** Largest size of a file that is read, in bytes. */
  readonly mostBytes: number;
  readonly fs?: StoreFileSystem;
}

const indexName = /^project-[0-9a-f]{16}\.index$/;
const partialName =
  /^project-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.partial$/;
/** Milliseconds after which an unfinished file is abandoned. */
const oldPartial = 60 * 60 * 1000;

/**
 * Saves a project from one start to the next, in one file of the workspace's storage. A file is complete
 * or absent, and only the user can read it.
 */
export class ProjectStore {
  private readonly fs: StoreFileSystem;
  private readonly keys: ProjectFileKeys;
  private readonly name: string;

  constructor(
    private readonly folder: string,
    private readonly options: ProjectStoreOptions,
  ) {
    this.fs = options.fs ?? nodeFileSystem;
    const project = sha256(JSON.stringify([...options.roots].sort()));
    this.keys = { project, tokenizer: sha256(options.tokenizer) };
    this.name = `project-${project.slice(0, 16)}.index`;
  }

  /**
   * Restores an empty project from its file; a damaged or foreign file is removed.
   *
   * @returns whether a project was restored
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
   * Saves a project: into a new file, which is renamed when it is complete on the disk.
   *
   * @throws Error if the disk is full or read-only; the previous file is still there
   */
  async save(project: Project): Promise<void> {
    await this.fs.mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.removeOldPartials();
    const partial = join(this.folder, `project-${randomUUID()}.partial`);
    try {
      // "x": an existing file or link is never written to.
      const file = await this.fs.open(partial, "wx", 0o600);
      try {
        for await (const part of projectFile(project, this.keys))
          await file.writeFile(part);
        // After a power cut the renamed file must not have only a part of its bytes.
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
   * Removes the files of all projects in a folder, and no other files.
   *
   * @throws Error if a file cannot be removed
   */
  static async clear(folder: string): Promise<void> {
    const names = await nodeFileSystem.readdir(folder).catch(() => []);
    for (const name of names)
      if (indexName.test(name) || partialName.test(name))
        await nodeFileSystem.rm(join(folder, name), { force: true });
  }

  private async removeOldPartials(): Promise<void> {
    for (const name of await this.fs.readdir(this.folder)) {
      if (!partialName.test(name)) continue;
      const stats = await this.fs
        .lstat(join(this.folder, name))
        .catch(() => undefined);
      // Another window may be writing a younger one.
      if (stats !== undefined && Date.now() - stats.mtimeMs > oldPartial)
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
