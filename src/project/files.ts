import type { Dirent } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import {
  infoExclude,
  isRepository,
  repositoryOf,
  smallFile,
  thisUser,
  userExclude,
  type GitUser,
} from "./filesGit";
import type { IgnoreRules } from "./filesIgnore";
import {
  folderMarkers,
  isOtherFile,
  isOtherFolder,
  isOutput,
  mayBeOutput,
} from "./filesKind";
import { ParsedRules } from "./filesRules";
import { TimeLimitError, withTimeLimit } from "./timeLimit";

/** Says whether a file may be read: not a secret, not excluded. */
export type MayRead = (path: string) => boolean | Promise<boolean>;

/** A file that may be indexed. */
export interface FoundFile {
  /** Absolute, as the system writes paths. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

export interface FilesOptions {
  /** Called before each file is opened; if it rejects, the file is not read. */
  readonly mayRead: MayRead;
  /** Called for files left out for a reason that the user may want to know. */
  readonly log?: (line: string) => void;
  /** Largest size of a file in bytes. */
  readonly maxBytes?: number;
  /** Most files that a walk returns, and most entries of folders that it reads. */
  readonly maxFiles?: number;
  readonly maxEntries?: number;
  /** Milliseconds for one file operation. */
  readonly maxWait?: number;
  readonly openFolder?: typeof opendir;
  /** Whose own patterns count; those of this process's user by default. */
  readonly user?: GitUser;
}

/** Most nested folders. */
const mostDepth = 64;
/** Number of timed-out folders after which a walk ends. */
const mostLate = 3;

/** A folder that git would enter, and the rules that hold there. */
interface Folder {
  readonly path: string;
  /** The path from the root of its repository (or of the workspace where there is none), with slashes. */
  readonly inside: string;
  readonly rules: IgnoreRules;
  readonly depth: number;
}

/**
 * Looks up paths on the disk, and remembers the folders that it has read. What it remembers is not checked
 * again, so take a new one for each batch of events (`ProjectFiles.look`); that costs little.
 */
export interface FilesLook {
  /** The file at a path; undefined unless a walk would find it. */
  find(path: string): Promise<FoundFile | undefined>;
  /** All files in and below a folder; none if a walk would not enter it, which needs no reading if it was read before. */
  walkFolder(path: string, signal: AbortSignal): AsyncGenerator<FoundFile>;
}

/** The folders of the workspace: finds the files of source text that git would list in them. */
export class ProjectFiles {
  readonly maxBytes: number;
  private readonly options: Required<Omit<FilesOptions, "maxBytes">>;
  private parsed = new ParsedRules();

  constructor(
    /** Absolute paths of the workspace's folders. */
    readonly roots: readonly string[],
    options: FilesOptions,
  ) {
    this.maxBytes = options.maxBytes ?? 512 * 1024;
    this.options = {
      mayRead: options.mayRead,
      log: options.log ?? (() => undefined),
      maxFiles: options.maxFiles ?? 50_000,
      maxEntries: options.maxEntries ?? 400_000,
      maxWait: options.maxWait ?? 5000,
      openFolder: options.openFolder ?? opendir,
      user: options.user ?? thisUser(),
    };
  }

  /** All files, those near the roots first; ends early when `signal` is aborted. */
  walk(signal: AbortSignal): AsyncGenerator<FoundFile> {
    // The rules of a whole walk hold every path that was asked for, so they are not kept.
    this.parsed = new ParsedRules();
    return this.newLook(new ParsedRules()).walk(signal);
  }

  /** Looks up single paths, a batch of them that were changed at about the same time. */
  look(): FilesLook {
    return this.newLook(this.parsed);
  }

  private newLook(parsed: ParsedRules): Look {
    return new Look(this.roots, this.maxBytes, this.options, parsed);
  }
}

/** Looks up paths on the disk; remembers the folders that it has read. */
class Look implements FilesLook {
  private readonly folders = new Map<string, Promise<Folder | undefined>>();
  private readonly names = new Map<string, Promise<readonly string[]>>();
  private readonly leftOut = new Map<string, number>();
  private ignoresCase: Promise<boolean> | undefined;
  private late = 0;

  constructor(
    private readonly roots: readonly string[],
    private readonly maxBytes: number,
    private readonly options: Required<Omit<FilesOptions, "maxBytes">>,
    private readonly parsed: ParsedRules,
  ) {}

  walkFolder(path: string, signal: AbortSignal): AsyncGenerator<FoundFile> {
    return this.walk(signal, path);
  }

  async *walk(signal: AbortSignal, below?: string): AsyncGenerator<FoundFile> {
    // A folder of the workspace may be below one that is not entered from another one.
    const queue = below === undefined ? [...this.roots] : [below];
    const seen = new Set<string>();
    let files = 0;
    let entries = 0;
    let wasFull = false;
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      if (signal.aborted) return;
      if (seen.has(path)) continue;
      seen.add(path);
      const folder = await this.folder(path);
      if (folder === undefined) continue;
      const listed = await this.entries(folder);
      // Its folders of these names are looked at by what is beside them.
      if (listed.some(({ name }) => mayBeOutput(name)))
        this.names.set(path, Promise.resolve(listed.map(nameOf)));
      for (const entry of listed) {
        if (signal.aborted) return;
        entries++;
        if (
          files >= this.options.maxFiles ||
          entries > this.options.maxEntries
        ) {
          wasFull = true;
          break;
        }
        if (entry.isDirectory()) queue.push(join(path, entry.name));
        else if (entry.isFile()) {
          const found = await this.fileIn(folder, entry.name);
          if (found === undefined) continue;
          files++;
          yield found;
        }
      }
      if (this.late >= mostLate) {
        this.options.log(
          "folders answer too late; the rest of them is left out",
        );
        break;
      }
      if (wasFull) break;
    }
    if (wasFull)
      this.options.log(
        `the project is larger than what is indexed: ${files} files of ${entries} entries were taken, the rest is left out`,
      );
    if (below === undefined) this.report();
  }

  async find(path: string): Promise<FoundFile | undefined> {
    if (this.rootOf(path) === undefined) return undefined;
    const folder = await this.folder(dirname(path));
    return folder && this.fileIn(folder, basename(path));
  }

  private async fileIn(
    folder: Folder,
    name: string,
  ): Promise<FoundFile | undefined> {
    const path = join(folder.path, name);
    const other = isOtherFile(name);
    if (other !== undefined) return this.leave(other);
    if (folder.rules.ignores(pathIn(folder, name), false))
      return this.leave("ignored");
    if (!(await this.mayRead(path))) return this.leave("excluded");
    try {
      const stats = await this.within(lstat(path), path);
      if (!stats.isFile()) return undefined;
      if (stats.size > this.maxBytes) return this.leave("too large");
      return { path, size: stats.size, modified: stats.mtimeMs };
    } catch {
      // The file may have been removed since the folder was listed, or have a name that is not Unicode.
      return this.leave("unreadable");
    }
  }

  private async mayRead(path: string): Promise<boolean> {
    try {
      return await this.options.mayRead(path);
    } catch {
      return false;
    }
  }

  /** A folder that a walk would enter; undefined if it would not. */
  private folder(path: string): Promise<Folder | undefined> {
    let folder = this.folders.get(path);
    if (folder === undefined) {
      folder = this.open(path).catch((error: unknown) => {
        if (!isMissing(error)) return this.leave("unreadable");
        // Where there is no folder now there may be one before this look ends.
        this.folders.delete(path);
        return undefined;
      });
      this.folders.set(path, folder);
    }
    return folder;
  }

  private async open(path: string): Promise<Folder | undefined> {
    // A workspace folder is entered whatever it is named, and whatever the rules say of it.
    if (this.roots.includes(path)) return this.openRoot(path);
    if (this.rootOf(path) === undefined) return undefined;
    const above = await this.folder(dirname(path));
    if (above === undefined) throw new NoFolder();
    const inside = pathIn(above, basename(path));
    if (await this.isOthers(above, basename(path)))
      return this.leave("of others");
    if (above.rules.ignores(inside, true)) return this.leave("ignored");
    if (above.depth >= mostDepth) return this.leave("too deep");
    // Links are not followed: their targets have paths of their own, or are outside of the project.
    const stats = await this.within(lstat(path), path);
    if (!stats.isDirectory()) throw new NoFolder();
    if (await this.isMarked(path)) return this.leave("of others");
    const depth = above.depth + 1;
    if (await this.within(isRepository(path), path))
      return { path, depth, inside: "", rules: await this.repository(path) };
    const rules = await this.withFile(above.rules, path, inside);
    return { path, depth, inside, rules };
  }

  private async openRoot(path: string): Promise<Folder> {
    const { folder, root } = await this.within(repositoryOf(path), path);
    let at = root ?? folder;
    let inside = "";
    let rules = await this.repository(at);
    // The files of patterns between the repository's root and this folder.
    for (const name of relative(at, folder).split(sep)) {
      if (name === "") continue;
      at = join(at, name);
      inside = pathIn({ inside }, name);
      // A user who opens an ignored folder wants its files.
      rules = this.parsed.entering(rules, at, inside);
      rules = await this.withFile(rules, at, inside);
    }
    return { path, depth: 0, inside, rules };
  }

  /** The rules in a repository's root: those of an outer one end here. */
  private async repository(path: string): Promise<IgnoreRules> {
    this.ignoresCase ??= isCaseInsensitive(path);
    const { parsed, options } = this;
    const none = parsed.empty(await this.ignoresCase);
    const own = await this.within(userExclude(path, options.user), path);
    const user = parsed.with(none, "user", own, "");
    const exclude = await this.within(infoExclude(path), path);
    const rules = parsed.with(user, join(path, ".git"), exclude, "");
    return this.withFile(rules, path, "");
  }

  private async withFile(
    rules: IgnoreRules,
    path: string,
    inside: string,
  ): Promise<IgnoreRules> {
    const file = join(path, ".gitignore");
    const text = await this.within(smallFile(file), path);
    if (text === undefined) return rules;
    return this.parsed.with(rules, file, text, inside);
  }

  /** Whether a folder's name and what is beside it say that it is no source. */
  private async isOthers(above: Folder, name: string): Promise<boolean> {
    if (isOtherFolder(name)) return true;
    if (!mayBeOutput(name)) return false;
    const isTop = above.inside === "" || this.roots.includes(above.path);
    if (isTop) return true;
    const beside = await this.namesIn(above);
    // A folder that cannot be listed has no names at all.
    return beside.length === 0 || isOutput(name, beside);
  }

  /** The names in a folder, as they were when it was first read. */
  private namesIn(folder: Folder): Promise<readonly string[]> {
    let names = this.names.get(folder.path);
    if (names === undefined) {
      names = this.entries(folder).then((entries) => entries.map(nameOf));
      this.names.set(folder.path, names);
    }
    return names;
  }

  private async isMarked(path: string): Promise<boolean> {
    for (const name of folderMarkers) {
      const text = await this.within(smallFile(join(path, name)), path);
      if (text !== undefined) return true;
    }
    return false;
  }

  /** The folder's entries, no more than the walk's limit; none if it cannot be read in time. */
  private async entries(folder: Folder): Promise<Dirent[]> {
    const { maxEntries, openFolder } = this.options;
    const read = async () => {
      const entries: Dirent[] = [];
      for await (const entry of await openFolder(folder.path, {
        bufferSize: 256,
      })) {
        entries.push(entry);
        if (entries.length > maxEntries) break;
      }
      return entries;
    };
    try {
      return await this.within(read(), folder.path);
    } catch {
      this.leave("unreadable");
      return [];
    }
  }

  private async within<T>(operation: Promise<T>, path: string): Promise<T> {
    const { maxWait, log } = this.options;
    try {
      return await withTimeLimit(operation, maxWait, path);
    } catch (error) {
      if (error instanceof TimeLimitError) {
        this.late++;
        log(error.message);
      }
      throw error;
    }
  }

  private rootOf(path: string): string | undefined {
    return this.roots.find((root) => isIn(root, path));
  }

  private leave(reason: string): undefined {
    this.leftOut.set(reason, 1 + (this.leftOut.get(reason) ?? 0));
    return undefined;
  }

  private report(): void {
    const counts = [...this.leftOut].map(([reason, n]) => `${n} ${reason}`);
    if (counts.length > 0)
      this.options.log(`left out of the project: ${counts.join(", ")}`);
  }
}

/** Thrown where there is no folder, or none that is entered above it. */
class NoFolder extends Error {}

function isMissing(error: unknown): boolean {
  if (error instanceof NoFolder) return true;
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Whether a path is a folder itself or lies below it. */
export function isIn(folder: string, path: string): boolean {
  if (!path.startsWith(folder)) return false;
  return (
    path.length === folder.length ||
    folder.endsWith(sep) ||
    path[folder.length] === sep
  );
}

function nameOf({ name }: Dirent): string {
  return name;
}

/** The path of an entry from the root of its repository. */
function pathIn({ inside }: Pick<Folder, "inside">, name: string): string {
  return inside === "" ? name : `${inside}/${name}`;
}

/** Whether a folder can be found by its path in the other case, too. */
async function isCaseInsensitive(folder: string): Promise<boolean> {
  const name = basename(folder);
  const swapped =
    name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
  if (swapped === name) return process.platform === "win32";
  try {
    const [one, other] = await Promise.all([
      lstat(folder, { bigint: true }),
      lstat(join(dirname(folder), swapped), { bigint: true }),
    ]);
    return one.ino === other.ino && one.dev === other.dev;
  } catch {
    return false;
  }
}
