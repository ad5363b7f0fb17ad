import { join } from "node:path";
import { readRegularFile } from "../../files/regularFile";
import { isPlainName, longestManifest, manifestFile } from "./manifest";
import { isRecord } from "../../text/isRecord";

/** Formats of a manifest that this and earlier versions have written. */
const formats: readonly unknown[] = [1, 2];

/**
 * The files that the manifest in `folder` lists, if the manifest is one of ours, of whatever version;
 * undefined if it is not, or there is none. Other programs have files called `manifest.json`, too.
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
