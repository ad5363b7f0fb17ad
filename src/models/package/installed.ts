import { ModelError } from "../modelError";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "./manifest";
import { readManifest } from "./modelPackage";
import { listedFiles } from "./ownFiles";

/** A package as it lies on the disk; its files have not been compared with their checksums. */
export interface InstalledModel {
  /** Of its folder, by which settings name it. */
  readonly name: string;
  readonly folder: string;
  /** Or why it cannot be used. */
  readonly manifest: Manifest | ModelError;
}

/** The packages in a folder of models, by name; other folders are left out. */
export function installedModels(modelsPath: string): InstalledModel[] {
  let names: string[];
  try {
    names = readdirSync(modelsPath).sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const folder = join(modelsPath, name);
    // What an import has moved aside has a dot behind its name; it is put back when it is needed.
    if (/\.(partial|old)$/.test(name) || listedFiles(folder) === undefined)
      return [];
    return [{ name, folder, manifest: manifestOf(folder) }];
  });
}

export function manifestOf(folder: string): Manifest | ModelError {
  try {
    return readManifest(folder);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}
