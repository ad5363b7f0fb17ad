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

/** Files of up to this many bytes are read whole and hashed by another thread; others in pieces. */
const hashedWhole = 16 << 20;

/**
 * Reads the manifest of the package in `folder`; `compareFiles` then checks the other files. If an
 * import was interrupted while it replaced the package, the old package is restored first.
 *
 * @throws ModelError that names the file and what to do
 */
export function findPackage(folder: string): Manifest {
  if (!existsSync(folder)) restorePackage(folder);
  return readManifest(folder);
}

/**
 * Compares every file of a package with the size and checksum in its manifest. The event loop runs
 * meanwhile: files of up to 16 MiB are hashed by another thread, larger ones one MiB at a time.
 *
 * @param onProgress gets the share of the bytes that have been compared, 0 … 1
 * @throws ModelError that names the file and what to do
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
  // The weights would not fit into memory, so hashing them would only delay other models.
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
        ? await checksumOnThread(path, signal)
        : await checksum(path, signal);
    if (found !== sha256) {
      throw new ModelError({ code: "package file checksum", args: [path] });
    }
    done += bytes;
    onProgress(done / total);
  }
}

/**
 * Reads and checks the manifest of the package in `folder`.
 *
 * @throws ModelError that names the file and what to do
 */
export function readManifest(folder: string): Manifest {
  const path = join(folder, manifestFile);
  if (sizeOf(path) > longestManifest) {
    throw new ModelError({ code: "manifest too large", args: [path] });
  }
  return parseManifest(readRegularFile(path, longestManifest).toString(), path);
}

/**
 * The SHA-256 of a file in hexadecimal. The file is read and hashed one MiB at a time.
 *
 * @throws Error if the file cannot be read
 * @throws the signal's reason when it is aborted
 */
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

/** Like `checksum`, for files of at most `hashedWhole` bytes: another thread computes the hash. */
async function checksumOnThread(
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
