import type { Manifest } from "../../src/models/package/manifest";
import {
  compareFiles,
  findPackage,
} from "../../src/models/package/modelPackage";

/** The manifest of the package in `folder`, after every file was compared with it. */
export async function openModelPackage(
  folder: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const manifest = findPackage(folder);
  await compareFiles(folder, manifest, signal);
  return manifest;
}
