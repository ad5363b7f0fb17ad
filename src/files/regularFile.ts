import { message, ToldError } from "../messages";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFile,
  readFileSync,
  statSync,
} from "node:fs";
import { promisify } from "node:util";

/**
 * Opens a regular file for reading, without blocking: opening a pipe would wait for its other end, and a
 * device may have no end.
 *
 * @throws Error naming the cause if there is no such file or it is no regular one
 */
export function openRegularFile(path: string): {
  descriptor: number;
  /** In bytes. */
  size: number;
} {
  // Checked before opening, since opening can already affect a device.
  if (!statSync(path).isFile()) throw notRegular();
  // A pipe may have replaced it since, hence O_NONBLOCK; Windows has neither.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const descriptor = openSync(path, flags);
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return { descriptor, size: stats.size };
  closeSync(descriptor);
  throw notRegular();
}

function notRegular(): Error {
  return new ToldError(message("not regular"));
}

/**
 * The contents of a regular file, read synchronously.
 *
 * @param most largest size in bytes
 * @throws Error naming the cause if it has more or cannot be read
 */
export function readRegularFile(path: string, most: number): Buffer {
  const descriptor = openSmall(path, most);
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Like `readRegularFile`, but asynchronous: for files of megabytes. */
export async function readLargeFile(
  path: string,
  most: number,
): Promise<Buffer> {
  const descriptor = openSmall(path, most);
  try {
    return await promisify(readFile)(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openSmall(path: string, most: number): number {
  const { descriptor, size } = openRegularFile(path);
  if (size <= most) return descriptor;
  closeSync(descriptor);
  throw new ToldError(message("too large", size, most));
}
