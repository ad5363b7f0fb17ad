import { ModelError } from "../modelError";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "./manifest";
import { readManifest } from "./modelPackage";
import { listedFiles } from "./ownFiles";

/** A package in the models folder. Its files have not been compared with their checksums. */
export interface InstalledModel {
  /** The name of its folder, which is the value of the setting `rwkv.model`. */
  readonly name: string;
  /** Path of the package. */
  readonly folder: string;
  /** The manifest, or why it cannot be used. */
  readonly manifest: Manifest | ModelError;
}

/**
 * Lists the packages in the models folder, sorted by name. Other folders are left out. A models folder
 * that cannot be read counts as empty.
 */
export function installedModels(modelsPath: string): InstalledModel[] {
  let names: string[];
  try {
    names = readdirSync(modelsPath).sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const folder = join(modelsPath, name);
    // Temporary folders of an import (`packageFolder.ts`) are not models to choose from.
    if (/\.(partial|old)$/.test(name) || listedFiles(folder) === undefined)
      return [];
    return [{ name, folder, manifest: manifestOf(folder) }];
  });
}

/** The manifest of the package in `folder`, or why it cannot be used. */
export function manifestOf(folder: string): Manifest | ModelError {
  try {
    return readManifest(folder);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}
