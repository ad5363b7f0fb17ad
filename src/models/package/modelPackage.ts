import { createHash } from "node:crypto";
import { closeSync, createReadStream, existsSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { openRegularFile, readRegularFile } from "../../files/regularFile";
import {
  longestManifest,
  manifestFile,
  parseManifest,
  type Manifest,
} from "./manifest";
import { ModelError } from "../modelError";
import { restorePackage } from "./packageFolder";

/**
 * Reads the manifest of the package in `folder` and compares every file with its size and checksum.
 *
 * @param onProgress share of the bytes compared, 0 … 1
 * @throws ModelError that names the file and the fix
 * @throws the signal's reason when it is aborted
 */
export async function openModelPackage(
  folder: string,
  signal: AbortSignal,
  onProgress: (share: number) => void = () => {},
): Promise<Manifest> {
  if (!existsSync(folder)) restorePackage(folder);
  const manifest = readManifest(folder);
  const total = Object.values(manifest.files).reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  );
  // Its weights have to fit into memory anyway; comparing more would only keep other models waiting.
  if (total > totalmem()) {
    throw new ModelError(
      `the model in ${folder} has ${gigabytes(total)}, this machine has ${gigabytes(totalmem())} of memory; choose a smaller model`,
    );
  }
  let done = 0;
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const size = sizeOf(path);
    if (size !== bytes) {
      throw new ModelError(
        `${path} has ${size} bytes instead of ${bytes}: it is incomplete or was changed; import or install the model again`,
      );
    }
    if ((await checksum(path, signal)) !== sha256) {
      throw new ModelError(
        `${path} does not match its checksum: it is damaged or was changed; import or install the model again`,
      );
    }
    done += bytes;
    onProgress(done / total);
  }
  return manifest;
}

/** @throws ModelError that names the file and the fix */
export function readManifest(folder: string): Manifest {
  const path = join(folder, manifestFile);
  if (sizeOf(path) > longestManifest) {
    throw new ModelError(
      `${path} is too large for a manifest; import or install the model again`,
    );
  }
  return parseManifest(readRegularFile(path, longestManifest).toString(), path);
}

/** Sha256 of a file, in hexadecimal. */
export async function checksum(
  path: string,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256");
  const { descriptor } = openRegularFile(path);
  for await (const chunk of createReadStream("", {
    fd: descriptor,
    highWaterMark: 1 << 20,
  })) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

function sizeOf(path: string): number {
  try {
    const { descriptor, size } = openRegularFile(path);
    closeSync(descriptor);
    return size;
  } catch (error) {
    throw new ModelError(
      `${path} is missing or cannot be read (${(error as Error).message}); import or install the model again, or choose another with rwkv.model`,
      { cause: error },
    );
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
