import { realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { URI } from "vscode-uri";
import { isExcluded } from "./isExcluded";
import { documentSchemes, type Settings } from "../protocol";

/** Milliseconds for which the target of a link is cached. */
const linkLifeMs = 2000;
/** Milliseconds after which a file system counts as not answering. */
const longestLookupMs = 1000;
/** Files whose links are remembered. */
const maxLinks = 256;

/** Why a document must not be read. */
export type AccessRefusal =
  "unsupported document" | "settings unknown" | "excluded";

interface Lookup {
  readonly since: number;
  /** The path with links resolved; undefined if that fails. */
  readonly path: Promise<string | undefined>;
}

const lookups = new Map<string, Lookup>();

/**
 * Why a document must not be read, whoever asks; undefined if it may be.
 *
 * A file is excluded by its own name or by that of the file that it links to. If the target cannot be
 * found within a second, the file is excluded.
 *
 * @param settings undefined where they are unknown
 * @param folders URIs of the workspace folders
 */
export async function refuseAccess(
  uri: string,
  settings: Settings | undefined,
  folders: readonly string[],
): Promise<AccessRefusal | undefined> {
  const scheme = schemeOf(uri);
  if (scheme === undefined || !documentSchemes.includes(scheme))
    return "unsupported document";
  if (settings === undefined) return "settings unknown";
  if (isExcluded(uri, settings, folders)) return "excluded";
  if (scheme !== "file") return undefined;
  const path = URI.parse(uri).fsPath;
  const real = await realPathOf(path);
  if (real === path) return undefined;
  if (real === undefined) return "excluded";
  const roots = await Promise.all(folders.map(realFolder));
  return isExcluded(real, settings, [...folders, ...roots])
    ? "excluded"
    : undefined;
}

function schemeOf(uri: string): string | undefined {
  try {
    return URI.parse(uri, true).scheme;
  } catch {
    return undefined;
  }
}

/** A workspace folder without links, so that paths without links lie in it. */
async function realFolder(folder: string): Promise<string> {
  if (schemeOf(folder) !== "file") return folder;
  return (await realPathOf(URI.parse(folder).fsPath)) ?? folder;
}

/** A path without links, by one look-up at a time; undefined if it cannot be found in time. */
async function realPathOf(path: string): Promise<string | undefined> {
  const now = performance.now();
  let lookup = lookups.get(path);
  if (lookup === undefined || now - lookup.since > linkLifeMs) {
    lookup = { since: now, path: withoutLinks(path).catch(() => undefined) };
    const { path: found } = lookup;
    // A look-up that hangs is kept, so that no second thread of the pool waits for the same file system.
    lookups.set(path, { since: Infinity, path: found });
    void found.then(() => lookups.set(path, { since: now, path: found }));
    forgetOldest();
  }
  const { path: found } = lookup;
  // A plain timer: to abort a sleep makes an error for each of a project's files.
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), longestLookupMs).unref();
    void found.then((real) => {
      clearTimeout(late);
      resolve(real);
    });
  });
}

/** As `realpath`, for files that are not there yet, too. */
async function withoutLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const folder = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || folder === path)
      throw error;
    return join(await withoutLinks(folder), path.slice(folder.length));
  }
}

function forgetOldest(): void {
  for (const path of lookups.keys()) {
    if (lookups.size <= maxLinks) return;
    lookups.delete(path);
  }
}
