import { createHash, webcrypto } from "node:crypto";
import { closeSync, createReadStream, existsSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import {
  openRegularFile,
  readLargeFile,
  readRegularFile,
} from "../../files/regularFile";
import { detailOf } from "../../messages";
import {
  longestManifest,
  manifestFile,
  parseManifest,
  type Manifest,
} from "./manifest";
import { ModelError } from "../modelError";
import { restorePackage } from "./packageFolder";

/** Files of up to so many bytes are hashed at once, by a thread of their own. */
const hashedWhole = 16 << 20;

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
  onProgress?: (share: number) => void,
): Promise<Manifest> {
  const manifest = findPackage(folder);
  await compareFiles(folder, manifest, signal, onProgress);
  return manifest;
}

/**
 * The manifest of the package in `folder`, whose files are still to be compared.
 *
 * @throws ModelError that names the file and the fix
 */
export function findPackage(folder: string): Manifest {
  if (!existsSync(folder)) restorePackage(folder);
  return readManifest(folder);
}

/**
 * Compares every file of a package with its size and checksum, most of it beside other work.
 *
 * @param onProgress share of the bytes compared, 0 … 1
 * @throws ModelError that names the file and the fix
 * @throws the signal's reason when it is aborted
 */
export async function compareFiles(
  folder: string,
  manifest: Manifest,
  signal: AbortSignal,
  onProgress: (share: number) => void = () => {},
): Promise<void> {
  const total = Object.values(manifest.files).reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  );
  // Its weights have to fit into memory anyway; comparing more would only keep other models waiting.
  if (total > totalmem()) {
    throw new ModelError({
      code: "model too large",
      args: [folder, gigabytes(total), gigabytes(totalmem())],
    });
  }
  let done = 0;
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const size = sizeOf(path);
    if (size !== bytes) {
      throw new ModelError({
        code: "package file size",
        args: [path, size, bytes],
      });
    }
    const found =
      size <= hashedWhole
        ? await checksumBeside(path, signal)
        : await checksum(path, signal);
    if (found !== sha256) {
      throw new ModelError({ code: "package file checksum", args: [path] });
    }
    done += bytes;
    onProgress(done / total);
  }
}

/** @throws ModelError that names the file and the fix */
export function readManifest(folder: string): Manifest {
  const path = join(folder, manifestFile);
  if (sizeOf(path) > longestManifest) {
    throw new ModelError({ code: "manifest too large", args: [path] });
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

/** The same of a file that fits into memory; this thread does other work meanwhile. */
async function checksumBeside(
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const bytes = await readLargeFile(path, hashedWhole);
  signal.throwIfAborted();
  const hash = await webcrypto.subtle.digest("SHA-256", bytes);
  signal.throwIfAborted();
  return Buffer.from(hash).toString("hex");
}

function sizeOf(path: string): number {
  try {
    const { descriptor, size } = openRegularFile(path);
    closeSync(descriptor);
    return size;
  } catch (error) {
    throw new ModelError(
      { code: "package file missing", args: [path, detailOf(error)] },
      { cause: error },
    );
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
