import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { manifestFile, parseManifest, type Manifest } from "./manifest";
import { ModelError } from "../modelError";

/** Manifests are some kilobytes; nothing larger is read. */
const longestManifest = 1 << 20;

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
  const manifest = await readManifest(folder);
  const total = Object.values(manifest.files).reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  );
  let done = 0;
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const path = join(folder, name);
    const size = await sizeOf(path);
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

export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestFile);
  if ((await sizeOf(path)) > longestManifest) {
    throw new ModelError(
      `${path} is too large for a manifest; import or install the model again`,
    );
  }
  return parseManifest(await readFile(path, "utf8"), path);
}

/** Sha256 of a file, in hexadecimal. */
export async function checksum(
  path: string,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, {
    highWaterMark: 1 << 20,
  })) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new ModelError(
      `${path} is missing or cannot be read; import or install the model again, or choose another with rwkv.model`,
      { cause: error },
    );
  }
}
