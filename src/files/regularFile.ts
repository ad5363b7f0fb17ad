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
 * Opens a file for reading, without ever waiting: a pipe would wait for its other end, a device
 * might have no end.
 *
 * @throws Error naming the cause if there is no such file or it is no regular one
 */
export function openRegularFile(path: string): {
  descriptor: number;
  /** In bytes. */
  size: number;
} {
  // Looked at first, since opening alone can have an effect on a device.
  if (!statSync(path).isFile()) throw notRegular();
  // It may have been replaced since; Windows has no such flag and no such files.
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
 * The contents of a regular file, for which the caller waits.
 *
 * @param most bytes that it may have
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

/** Like `readRegularFile`, beside other work: for files of megabytes. */
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
