import { lstat, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";

/** Bytes of the largest file that is read here; git's own are small. */
const mostBytes = 256 * 1024;
/** Number of parent folders searched for the repository of a workspace folder. */
const mostAbove = 32;

/** The text of a small regular file; undefined if there is none. Links, FIFOs and the like are none. */
export async function smallFile(path: string): Promise<string | undefined> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile() || stats.size > mostBytes) return undefined;
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Whether a folder is the root of a repository, a submodule or a linked worktree. */
export async function isRepository(folder: string): Promise<boolean> {
  try {
    const stats = await lstat(join(folder, ".git"));
    return stats.isDirectory() || stats.isFile();
  } catch {
    return false;
  }
}

/** The nearest folder at or above `folder` that is a repository's root; undefined if there is none. */
export async function repositoryOf(
  folder: string,
): Promise<string | undefined> {
  let at = folder;
  for (let above = 0; above <= mostAbove; above++) {
    if (await isRepository(at)) return at;
    const next = dirname(at);
    if (next === at) return undefined;
    at = next;
  }
  return undefined;
}

/** The patterns of `info/exclude` of a repository. */
export async function infoExclude(repository: string): Promise<string> {
  const git = await gitFolder(repository);
  if (git === undefined) return "";
  // A linked worktree has a folder of its own; the patterns are in the shared one.
  const common = (await smallFile(join(git, "commondir")))?.trim();
  const shared = common ? localPath(git, common) : git;
  if (shared === undefined) return "";
  return (await smallFile(join(shared, "info", "exclude"))) ?? "";
}

/** The user's own patterns, where git looks for them by default (core.excludesFile is not read). */
export async function userExclude(): Promise<string> {
  const folder = process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config");
  return (await smallFile(join(folder, "git", "ignore"))) ?? "";
}

/** Where a repository keeps its data: `.git`, or where the file `.git` points. */
async function gitFolder(repository: string): Promise<string | undefined> {
  const path = join(repository, ".git");
  const pointer = await smallFile(path);
  if (pointer === undefined) return path;
  const target = /^gitdir: (.+?)\s*$/m.exec(pointer)?.[1];
  return target === undefined ? undefined : localPath(repository, target);
}

/** A path that a file names; undefined if it would lead to another machine (`\\host\share`). */
function localPath(from: string, path: string): string | undefined {
  if (/^[\\/]{2}/.test(path)) return undefined;
  return isAbsolute(path) ? path : resolve(from, path);
}
