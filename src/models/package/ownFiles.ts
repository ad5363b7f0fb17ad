import { join } from "node:path";
import { readRegularFile } from "../../files/regularFile";
import { isPlainName, longestManifest, manifestFile } from "./manifest";
import { isRecord } from "../../text/isRecord";

/** The values of `format` in manifests that this and earlier versions have written. */
const formats: readonly unknown[] = [1, 2];

/**
 * The names of the files that the manifest in `folder` lists. Undefined if there is no manifest, or if
 * it is not one of a model package: other programs, too, have files called `manifest.json`. Packages
 * of earlier versions are recognised, since their folders may be replaced and deleted as well.
 */
export function listedFiles(folder: string): string[] | undefined {
  let manifest: unknown;
  try {
    const path = join(folder, manifestFile);
    manifest = JSON.parse(readRegularFile(path, longestManifest).toString());
  } catch {
    return undefined;
  }
  const { format, architecture, tokenizer, files } = (manifest ?? {}) as Record<
    string,
    unknown
  >;
  const isOurs =
    formats.includes(format) &&
    /^rwkv[4-7]$/.test(String(architecture)) &&
    isRecord(tokenizer) &&
    isRecord(files);
  if (!isOurs) return undefined;
  const names = Object.keys(files);
  return names.every(isPlainName) ? names : undefined;
}
