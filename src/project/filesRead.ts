import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

/** Why a file is not read. */
export type Unread =
  "unreadable" | "binary" | "too large" | "changing" | "not a file";

/** A file's text, read without a change in between. */
export interface SourceText {
  readonly text: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Whether the bytes were valid UTF-8; invalid ones became U+FFFD. */
  readonly isUtf8: boolean;
}

/** Bytes at a file's start in which git searches for a NUL to recognise binary files. */
const binaryReach = 8000;
/** Links are not followed (they may lead out of the project), and opening a FIFO does not block. */
const flags =
  constants.O_RDONLY |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0);
const utf8 = new TextDecoder("utf-8", { fatal: true });
const lenientUtf8 = new TextDecoder("utf-8");

/**
 * Reads a text file of at most `maxBytes` bytes. A file that changes meanwhile is read once more; if it
 * changes again, the event of that change will have it read later.
 */
export async function readSource(
  path: string,
  maxBytes: number,
): Promise<SourceText | Unread> {
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch {
    return "unreadable";
  }
  try {
    return (
      (await readOnce(file, maxBytes)) ??
      (await readOnce(file, maxBytes)) ??
      "changing"
    );
  } catch {
    return "unreadable";
  } finally {
    await file.close().catch(() => undefined);
  }
}

/** @returns undefined if the file changed while it was read */
async function readOnce(
  file: FileHandle,
  maxBytes: number,
): Promise<SourceText | Unread | undefined> {
  const before = await file.stat();
  if (!before.isFile()) return "not a file";
  if (before.size > maxBytes) return "too large";
  const bytes = Buffer.allocUnsafe(before.size);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(
      bytes,
      length,
      bytes.length - length,
      length,
    );
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  const after = await file.stat();
  if (
    length !== before.size ||
    after.mtimeMs !== before.mtimeMs ||
    after.size !== before.size
  )
    return undefined;
  const content = bytes.subarray(0, length);
  if (content.subarray(0, binaryReach).includes(0)) return "binary";
  return { ...decode(content), size: length, modified: before.mtimeMs };
}

function decode(bytes: Uint8Array): Pick<SourceText, "text" | "isUtf8"> {
  try {
    return { text: utf8.decode(bytes), isUtf8: true };
  } catch {
    return { text: lenientUtf8.decode(bytes), isUtf8: false };
  }
}
