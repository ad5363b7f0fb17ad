import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { manifestFile } from "./manifest";
import { ModelError } from "../modelError";

/** Where a package is written before it is whole. */
export function partialFolder(folder: string): string {
  return `${resolve(folder)}.partial`;
}

/** The first folder on the way to `folder` that is not there, undefined if its parent is. */
export function foldersMissing(folder: string): string | undefined {
  let missing: string | undefined;
  let each = partialFolder(folder);
  while (!existsSync(each) && dirname(each) !== each) {
    missing = each;
    each = dirname(each);
  }
  return missing;
}

/** @throws ModelError if there is something in `folder` that is no model package. */
export function refuseOtherContents(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new ModelError(
      `${folder} cannot be read as a folder (${(error as Error).message}); choose another`,
      { cause: error },
    );
  }
  if (names.length > 0 && !names.includes(manifestFile)) {
    throw new ModelError(
      `${folder} has files that belong to no model; choose a folder that does not exist yet`,
    );
  }
}

/**
 * Writes a package: `fill` gets a new folder beside `folder`, which takes its place only when
 * `fill` has succeeded. Else nothing is left of it.
 *
 * @throws ModelError if `folder` is in use for something else or the disk is full
 */
export async function writePackageFolder<T>(
  folder: string,
  fill: (partial: string) => Promise<T>,
): Promise<T> {
  refuseOtherContents(folder);
  const partial = partialFolder(folder);
  rmSync(partial, { recursive: true, force: true });
  const made = mkdirSync(partial, { recursive: true });
  try {
    const result = await fill(partial);
    replace(folder, partial);
    return result;
  } catch (error) {
    removePartial(folder, made);
    throw explained(error, folder);
  }
}

/**
 * Removes what an interrupted writer has left.
 *
 * @param made the first folder on the way that the writer has made itself
 */
export function removePartial(folder: string, made?: string): void {
  const partial = partialFolder(folder);
  rmSync(partial, { recursive: true, force: true });
  if (made === undefined) return;
  try {
    for (let each = partial; each !== made;) rmdirSync((each = dirname(each)));
  } catch {
    // Someone else has put something there: it stays.
  }
}

/** A crash between the two renames leaves the old package beside its place, never half of one. */
function replace(folder: string, partial: string): void {
  const old = `${resolve(folder)}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(partial, folder);
  rmSync(old, { recursive: true, force: true });
}

function explained(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new ModelError(
    `the disk is full, so nothing was written to ${folder}; free some space or choose another disk`,
    { cause: error },
  );
}
