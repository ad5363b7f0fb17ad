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
 * How a package gets into its place: it is written into a new folder beside it, which is renamed
 * when it is whole. A folder that exists is moved aside and its files are removed by their names,
 * so nothing is ever removed that was not made here.
 *
 * The names of both contain the machine, the process and a random number. So no two writers share
 * one, and the next writer can tell what a killed one has left.
 */
export interface PartialFolder {
  readonly path: string;
  /** The first folder on the way that was made for it. */
  readonly made: string | undefined;
}

/**
 * Writes a package: `fill` gets a new folder beside `folder`, which takes its place only when
 * `fill` has succeeded. Else nothing is left of it. Of two at a time the later one wins.
 *
 * @throws ModelError if `folder` is in use for something else or the disk is full
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

/** Removes what an interrupted writer has written, and the folders that were made for it. */
export function removePartial({ path, made }: PartialFolder): void {
  rmSync(path, { recursive: true, force: true });
  if (made === undefined || made === path) return;
  try {
    for (let each = path; each !== made;) rmdirSync((each = dirname(each)));
  } catch {
    // Someone else has put something there: it stays.
  }
}

/**
 * Puts a package back that a killed writer has moved aside and not replaced.
 *
 * @returns whether there was one
 */
export function restorePackage(folder: string): boolean {
  const target = resolve(folder);
  for (const { path, kind } of leftovers(target)) {
    if (kind !== "old" || existsSync(target)) continue;
    try {
      renameSync(path, target);
      return true;
    } catch {
      // Another process was faster.
    }
  }
  return false;
}

/** @throws ModelError if there is something in `folder` that is no model package. */
function refuseOtherContents(folder: string): void {
  const other = otherContents(folder);
  if (other !== undefined) {
    throw new ModelError({
      code: "package folder taken",
      args: [folder, other],
    });
  }
}

/** Why a folder may not be replaced; undefined if it may, or is not there. */
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

/** A name beside `folder` that nobody else has. */
function fresh(folder: string, kind: Leftover["kind"]): string {
  return `${folder}.${temporaryName()}.${kind}`;
}

function makePartial(folder: string): PartialFolder {
  const path = fresh(folder, "partial");
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
 * Renames the whole package to its place. There is no renaming of folders that exchanges two, so
 * the old package is moved aside first; killed in between, it is what `restorePackage` puts back.
 */
function replace(folder: string, partial: string): void {
  for (let tries = 1; ; tries++) {
    // Looked at again: it was some time ago.
    refuseOtherContents(folder);
    const old = fresh(folder, "old");
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
 * Deletes the package in `folder`, of whatever version.
 *
 * @throws ModelError if there is none, something else lies in the folder, or a file cannot be removed
 */
export function deletePackage(folder: string): void {
  refuseOtherContents(folder);
  if (listedFiles(folder) === undefined)
    throw new ModelError({ code: "nothing to delete", args: [folder] });
  removePackage(folder);
  if (existsSync(folder))
    throw new ModelError({ code: "model not deleted", args: [folder] });
}

/** Removes the files that a package's manifest lists, and its folder where nothing else is in it. */
function removePackage(folder: string): void {
  try {
    // The manifest last: while it is there, what is left is known to be ours.
    for (const name of [...(listedFiles(folder) ?? []), manifestFile])
      rmSync(join(folder, name), { force: true });
    rmdirSync(folder);
  } catch {
    // What cannot be removed stays; the new package is in its place.
  }
}

interface Leftover {
  path: string;
  kind: "partial" | "old";
}

/** What writers on this machine that have ended since have left beside `folder`. */
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

function clearLeftovers(folder: string): void {
  restorePackage(folder);
  for (const { path, kind } of leftovers(folder)) {
    if (kind === "partial") rmSync(path, { recursive: true, force: true });
    else if (existsSync(folder)) removePackage(path);
  }
}

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
