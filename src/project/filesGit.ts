import { lstat, readFile, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { parseGitConfig } from "./filesGitConfig";
import { folderMarkers } from "./filesKind";

/** Where the user's own settings of git are. */
export interface GitUser {
  /** Absolute path. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Bytes of the largest file that is read here; git's own are small. */
const mostBytes = 256 * 1024;
/** Number of parent folders searched for the repository of a workspace folder. */
const mostAbove = 32;
/** Most configuration files that include each other, as git has it. */
const mostIncludes = 5;

/** The user of this process. */
export function thisUser(): GitUser {
  return { home: homedir(), environment: process.env };
}

/**
 * Whether a change of this path changes which files there are, so that all have to be looked for again:
 * patterns of a folder, the patterns and settings of a repository (of a submodule, too, whose data are in
 * `.git/modules`), the beginning or end of a repository, or the mark of a cache. Files outside of the
 * workspace count, too, but nobody watches them: a new look reads them.
 *
 * @param path as the system writes it; only its text is looked at
 */
export function changesRules(path: string): boolean {
  const parts = path.split(/[\\/]/);
  const name = parts.at(-1)!;
  if (name === ".gitignore" || name === ".git") return true;
  if ((folderMarkers as readonly string[]).includes(name)) return true;
  if (!parts.includes(".git")) return false;
  // A branch may be named like these files.
  if (parts.includes("refs") || parts.includes("logs")) return false;
  return (
    name === "config" ||
    name === "commondir" ||
    (name === "exclude" && parts.at(-2) === "info") ||
    (name === "info" && parts.at(-2) === ".git")
  );
}

/** The text of a small regular file; undefined if there is none. Links, FIFOs and the like are none. */
export async function smallFile(path: string): Promise<string | undefined> {
  return smallText(path, lstat);
}

/** The text of a small file of git's own, to which a link may lead, as git has it. */
async function gitFile(path: string): Promise<string | undefined> {
  return smallText(path, stat);
}

async function smallText(
  path: string,
  look: typeof lstat,
): Promise<string | undefined> {
  try {
    const stats = await look(path);
    if (!stats.isFile() || stats.size > mostBytes) return undefined;
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Whether a folder is the root of a repository, a submodule or a linked worktree. */
export async function isRepository(folder: string): Promise<boolean> {
  try {
    const stats = await stat(join(folder, ".git"));
    return stats.isDirectory() || stats.isFile();
  } catch {
    return false;
  }
}

/**
 * The nearest folder at or above `folder` that is a repository's root, undefined if there is none, and
 * `folder` itself, both as they are without links.
 */
export async function repositoryOf(
  folder: string,
): Promise<{ root: string | undefined; folder: string }> {
  // The patterns above a link's target count, not those above the link.
  const real = await realpath(folder).catch(() => folder);
  let at = real;
  for (let above = 0; above <= mostAbove; above++) {
    if (await isRepository(at)) return { root: at, folder: real };
    const next = dirname(at);
    if (next === at) break;
    at = next;
  }
  return { root: undefined, folder: real };
}

/** The patterns of `info/exclude` of a repository. */
export async function infoExclude(repository: string): Promise<string> {
  const shared = await sharedFolder(repository);
  if (shared === undefined) return "";
  return (await gitFile(join(shared, "info", "exclude"))) ?? "";
}

/**
 * The user's own patterns for a repository: those of the file that `core.excludesFile` names, by default
 * `git/ignore` in the folder of settings. The repository's own setting counts before the user's, and that
 * before the system's.
 *
 * @param repository its root; a folder without one has no settings of its own
 */
export async function userExclude(
  repository: string,
  { home, environment }: GitUser,
): Promise<string> {
  const settings = environment["XDG_CONFIG_HOME"] || join(home, ".config");
  const system = environment["GIT_CONFIG_SYSTEM"] ?? "/etc/gitconfig";
  const everywhere = environment["GIT_CONFIG_GLOBAL"];
  const shared = await sharedFolder(repository);
  const files = [
    ...(isTrue(environment["GIT_CONFIG_NOSYSTEM"]) ? [] : [system]),
    ...(everywhere === undefined
      ? [join(settings, "git", "config"), join(home, ".gitconfig")]
      : [everywhere]),
    ...(shared === undefined ? [] : [join(shared, "config")]),
  ];
  const values = await Promise.all(
    files.map((file) => excludesFile(file, home, mostIncludes)),
  );
  const named = values.findLast((value) => value !== undefined);
  if (named === "") return "";
  const path =
    named === undefined
      ? join(settings, "git", "ignore")
      : localPath(repository, expanded(named, home));
  return (path && (await gitFile(path))) ?? "";
}

/** `core.excludesFile` of a configuration file and of those that it includes. Conditions (`includeIf`) are not read. */
async function excludesFile(
  path: string,
  home: string,
  most: number,
): Promise<string | undefined> {
  const text = await gitFile(path);
  if (text === undefined) return undefined;
  let named: string | undefined;
  for (const [name, value] of parseGitConfig(text))
    if (name === "core.excludesfile") named = value;
    else if (name === "include.path" && most > 0) {
      const at = localPath(dirname(path), expanded(value, home));
      const included = at && (await excludesFile(at, home, most - 1));
      named = included ?? named;
    }
  return named;
}

function expanded(path: string, home: string): string {
  return /^~[\\/]/.test(path) ? join(home, path.slice(2)) : path;
}

function isTrue(value: string | undefined): boolean {
  return /^(?:1|true|yes|on)$/i.test(value ?? "");
}

/** Where a repository keeps what its worktrees have in common. */
async function sharedFolder(repository: string): Promise<string | undefined> {
  const git = await gitFolder(repository);
  if (git === undefined) return undefined;
  // A linked worktree has a folder of its own; the patterns are in the shared one.
  const common = (await gitFile(join(git, "commondir")))?.trim();
  return common ? localPath(git, common) : git;
}

/** Where a repository keeps its data: `.git`, or where the file `.git` points. */
async function gitFolder(repository: string): Promise<string | undefined> {
  const path = join(repository, ".git");
  const pointer = await gitFile(path);
  if (pointer === undefined) return path;
  const target = /^gitdir: (.+?)\s*$/m.exec(pointer)?.[1];
  return target === undefined ? undefined : localPath(repository, target);
}

/** A path that a file names; undefined if it would lead to another machine (`\\host\share`). */
function localPath(from: string, path: string): string | undefined {
  if (/^[\\/]{2}/.test(path)) return undefined;
  return isAbsolute(path) ? path : resolve(from, path);
}
