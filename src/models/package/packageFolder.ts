import { detailOf, message, type Message } from "../../messages";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { isAbandoned, temporaryName } from "../../files/temporaryName";
import { ModelError } from "../modelError";
import { manifestFile } from "./manifest";
import { listedFiles } from "./ownFiles";

/**
 * A temporary folder that a package is written into. It lies beside the package's final folder and is
 * renamed to that when the package is complete. An older package is first moved aside to a second
 * temporary folder. Its files are then removed by the names that its manifest lists, so that files
 * which do not belong to the package are never removed.
 *
 * The name of a temporary folder contains the machine, the process and a random number. So two writers
 * never share a folder, and the next writer recognises what a killed writer has left.
 */
export interface PartialFolder {
  readonly path: string;
  /** The outermost parent folder that had to be created for it; undefined if all parents existed. */
  readonly made: string | undefined;
}

/**
 * Writes a package. `fill` writes the files into a new folder beside `folder`. If it succeeds, the new
 * folder replaces `folder`; if it throws, the new folder is removed. Of two writers at the same time,
 * the one that finishes last replaces the other's package.
 *
 * @returns what `fill` returns
 * @throws ModelError if `folder` holds anything but a package or cannot be written, or the disk is full
 * @throws what `fill` throws
 */
export async function writePackageFolder<T>(
  folder: string,
  fill: (partial: PartialFolder) => Promise<T>,
): Promise<T> {
  const target = resolve(folder);
  clearLeftovers(target);
  refuseOtherContents(target);
  let partial: PartialFolder | undefined;
  try {
    partial = makePartial(target);
    const result = await fill(partial);
    replace(target, partial.path);
    return result;
  } catch (error) {
    if (partial !== undefined) removePartial(partial);
    throw explained(error, target);
  }
}

/** Removes a partial folder with its files, and the parent folders that were created for it. */
export function removePartial({ path, made }: PartialFolder): void {
  rmSync(path, { recursive: true, force: true });
  if (made === undefined || made === path) return;
  try {
    for (let each = path; each !== made;) rmdirSync((each = dirname(each)));
  } catch {
    // A parent folder that holds something else by now stays.
  }
}

/**
 * Restores a package that a writer had moved aside when it was killed, unless `folder` exists.
 *
 * @returns whether a package was restored
 */
export function restorePackage(folder: string): boolean {
  const target = resolve(folder);
  for (const { path, kind } of leftovers(target)) {
    if (kind !== "old" || existsSync(target)) continue;
    try {
      renameSync(path, target);
      return true;
    } catch {
      // Another process has restored it.
    }
  }
  return false;
}

/** @throws ModelError if `folder` is there and is neither a model package nor empty. */
function refuseOtherContents(folder: string): void {
  const other = otherContents(folder);
  if (other !== undefined) {
    throw new ModelError({
      code: "package folder taken",
      args: [folder, other],
    });
  }
}

/** Why a folder may not be replaced; undefined if it is a package, is empty or does not exist. */
function otherContents(folder: string): Message | undefined {
  try {
    const stats = lstatSync(folder);
    if (stats.isSymbolicLink()) return message("is a link");
    if (!stats.isDirectory()) return message("is no folder");
    const entries = readdirSync(folder, { withFileTypes: true });
    if (entries.length === 0) return undefined;
    const listed = listedFiles(folder);
    if (listed === undefined) return message("has other files");
    const own = new Set([manifestFile, ...listed]);
    const foreign = entries.find(
      (entry) => !own.has(entry.name) || !entry.isFile(),
    );
    return foreign && message("has another file", JSON.stringify(foreign.name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT"
      ? undefined
      : message("cannot be read", detailOf(error));
  }
}

/** An unused path for a temporary folder beside `folder`. */
function temporaryPath(folder: string, kind: Leftover["kind"]): string {
  return `${folder}.${temporaryName()}.${kind}`;
}

function makePartial(folder: string): PartialFolder {
  const path = temporaryPath(folder, "partial");
  const made = mkdirSync(dirname(path), { recursive: true });
  try {
    // Throws if the path exists already.
    mkdirSync(path);
  } catch (error) {
    if (made !== undefined) removePartial({ path, made });
    throw error;
  }
  return { path, made };
}

/**
 * Renames the complete package to `folder`. Node has no call that exchanges two folders, so the old
 * package is moved aside first. If the process is killed in between, `restorePackage` restores it.
 */
function replace(folder: string, partial: string): void {
  for (let tries = 1; ; tries++) {
    // Checked again: other files may have been put there while the package was written.
    refuseOtherContents(folder);
    const old = temporaryPath(folder, "old");
    const wasThere = renamed(folder, old);
    try {
      renameSync(partial, folder);
    } catch (error) {
      // Another writer has put its package there in the meantime.
      if (isTaken(error) && tries < 10) {
        if (wasThere) removePackage(old);
        continue;
      }
      if (wasThere) renameSync(old, folder);
      throw error;
    }
    if (wasThere) removePackage(old);
    return;
  }
}

function isTaken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOTEMPTY" || code === "EEXIST" || code === "EPERM";
}

/** @returns whether there was anything to rename */
function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/**
 * Deletes the package in `folder`. Packages of earlier versions are deleted, too.
 *
 * @throws ModelError if there is none, the folder holds other files, or a file cannot be removed
 */
export function deletePackage(folder: string): void {
  refuseOtherContents(folder);
  if (listedFiles(folder) === undefined)
    throw new ModelError({ code: "nothing to delete", args: [folder] });
  removePackage(folder);
  if (existsSync(folder))
    throw new ModelError({ code: "model not deleted", args: [folder] });
}

/**
 * Removes the files that the manifest in `folder` lists, the manifest, and the folder if it is then
 * empty. What cannot be removed stays.
 */
function removePackage(folder: string): void {
  try {
    // The manifest goes last: as long as it is there, the folder is recognised as a package.
    for (const name of [...(listedFiles(folder) ?? []), manifestFile])
      rmSync(join(folder, name), { force: true });
    rmdirSync(folder);
  } catch {
    // After a replacement the new package is in place all the same; `deletePackage` checks for itself.
  }
}

interface Leftover {
  path: string;
  kind: "partial" | "old";
}

/** Temporary folders beside `folder` whose writers, processes of this machine, have ended. */
function leftovers(folder: string): Leftover[] {
  let names: string[];
  try {
    names = readdirSync(dirname(folder));
  } catch {
    return [];
  }
  const start = `${basename(folder)}.`;
  return names.flatMap((name) => {
    if (!name.startsWith(start)) return [];
    const rest = name.slice(start.length);
    const [, temporary, kind] = /^([^.]+)\.(partial|old)$/.exec(rest) ?? [];
    if (temporary === undefined || !isAbandoned(temporary)) return [];
    const path = join(dirname(folder), name);
    return [{ path, kind: kind as Leftover["kind"] }];
  });
}

/** Removes the temporary folders of ended writers; a package that has no successor is restored. */
function clearLeftovers(folder: string): void {
  restorePackage(folder);
  for (const { path, kind } of leftovers(folder)) {
    if (kind === "partial") rmSync(path, { recursive: true, force: true });
    else if (existsSync(folder)) removePackage(path);
  }
}

/** Makes a ModelError of a full disk and of other failures to write `folder`. */
function explained(error: unknown, folder: string): unknown {
  if (error instanceof ModelError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new ModelError(
      { code: "disk full", args: [folder] },
      { cause: error },
    );
  }
  const path = (error as NodeJS.ErrnoException).path;
  if (code === undefined || path === undefined || !path.startsWith(folder))
    return error;
  return new ModelError(
    { code: "package folder unwritable", args: [folder, detailOf(error)] },
    { cause: error },
  );
}
