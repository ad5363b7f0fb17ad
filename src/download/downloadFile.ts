import { detailOf, message, type Message } from "../messages";
import { isWhole } from "./checksum";
import { DownloadError } from "./downloadError";
import type { Source } from "./endpoint";
import { locked } from "./lock";
import { PartialFile } from "./partialFile";
import { addressOf, type RemoteFile } from "./repository";
import { asBroken, open, type Answer } from "./request";
import { withRetries, type RetryPolicy } from "./retry";

export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** Called after each piece with the number of bytes downloaded so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Called before each wait for a server, with its milliseconds and the failure that causes it. */
  readonly onWait?: ((ms: number, error: DownloadError) => void) | undefined;
  readonly policy?: RetryPolicy | undefined;
  /** Milliseconds without data after which a connection is given up. */
  readonly idleMs?: number | undefined;
}

/**
 * Downloads a file of a repository to `path`. The file gets that name only after size and checksum were
 * compared. A partial file of an earlier call, in any process, is continued if it has the same content.
 * After a failure or cancellation the partial file stays beside `path`, unless its content was wrong.
 *
 * @throws DownloadError whose message is one sentence for the user, also if the disk is the cause
 * @throws the signal's reason when it is aborted
 */
export async function downloadFile(
  file: RemoteFile,
  path: string,
  source: Source,
  options: DownloadOptions,
): Promise<void> {
  const { signal } = options;
  try {
    await locked(path, () => downloadLocked(file, path, source, options));
  } catch (error) {
    signal.throwIfAborted();
    const { syscall } = error as NodeJS.ErrnoException;
    if (error instanceof DownloadError || syscall === undefined) throw error;
    // An error of the file system: the folder is a file, or missing, or not writable.
    throw new DownloadError(
      { code: "download unwritable", args: [path, detailOf(error)] },
      {},
      { cause: error },
    );
  }
}

/** Downloads while this process has the lock. */
async function downloadLocked(
  file: RemoteFile,
  path: string,
  source: Source,
  options: DownloadOptions,
): Promise<void> {
  const { signal } = options;
  if (await isWhole(path, file, signal)) return options.onBytes?.(file.size);
  const partial = await PartialFile.open(path, file);
  try {
    await withRetries(() => transfer(file, partial, source, options), {
      ...options,
      progress: () => partial.offset,
    });
  } finally {
    await partial.close();
  }
  if (!(await isWhole(partial.path, file, signal))) {
    await partial.remove();
    throw new DownloadError({ code: "download damaged", args: [file.path] });
  }
  await partial.finish();
}

/** Requests the missing bytes once and appends what comes. */
async function transfer(
  file: RemoteFile,
  partial: PartialFile,
  source: Source,
  { signal, idleMs, onBytes }: DownloadOptions,
): Promise<void> {
  if (partial.offset === file.size) return;
  const address = addressOf(file, source);
  const answer = await open(address, source, {
    signal,
    idleMs,
    headersFor: (url) => rangeHeaders(url, partial),
  });
  try {
    checkVersion(file, answer);
    await prepare(file, partial, answer);
    for await (const chunk of answer.body) {
      const bytes = chunk as Buffer;
      const length = partial.offset + bytes.length;
      if (length > file.size) {
        await partial.restart();
        throw wrongLength(file, answer, length, false);
      }
      await partial.append(bytes);
      onBytes?.(partial.offset);
    }
  } catch (error) {
    throw asBroken(error, answer.url, signal);
  } finally {
    answer.body.destroy();
  }
  if (partial.offset < file.size) throw broken(answer, message("ended early"));
}

function rangeHeaders(
  { host }: URL,
  { offset, validator }: PartialFile,
): Record<string, string> {
  if (offset === 0) return {};
  const range = { Range: `bytes=${offset}-` };
  return validator?.host === host
    ? { ...range, "If-Range": validator.etag }
    : range;
}

/** @throws DownloadError if the service has another version of the file than the list had */
function checkVersion({ checksum, path }: RemoteFile, answer: Answer): void {
  const { linkedSha256 } = answer;
  if (
    checksum.algorithm === "sha256" &&
    linkedSha256 !== undefined &&
    linkedSha256 !== checksum.value
  )
    throw new DownloadError({ code: "download changed", args: [path] });
}

/**
 * Prepares the partial file for the bytes of an answer: keeps it if they continue it, else empties it.
 *
 * @throws DownloadError if the answer has another part, or another length than the file
 */
async function prepare(
  file: RemoteFile,
  partial: PartialFile,
  answer: Answer,
): Promise<void> {
  if (answer.status === 206) {
    if (continues(file, partial, answer)) return setValidator(partial, answer);
    await partial.restart();
    throw broken(answer, message("another part"));
  }
  await partial.restart();
  if (answer.status === 416) throw broken(answer, message("no such part"));
  const length = answer.headers["content-length"];
  if (!answer.wasCompressed && length !== undefined)
    if (Number(length) !== file.size)
      // A proxy or a busy server may send an HTML page with status 200.
      throw wrongLength(file, answer, Number(length), true);
  await setValidator(partial, answer);
}

/** Whether a partial answer begins where the partial file ends, and is of the same version. */
function continues(
  { size }: RemoteFile,
  { offset, validator }: PartialFile,
  { url, headers, wasCompressed }: Answer,
): boolean {
  const [, start, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers["content-range"] ?? "") ?? [];
  const isSame =
    validator?.host !== url.host ||
    headers.etag === undefined ||
    headers.etag === validator.etag;
  return (
    !wasCompressed &&
    isSame &&
    Number(start) === offset &&
    (total === "*" || Number(total) === size)
  );
}

async function setValidator(
  partial: PartialFile,
  { url, headers: { etag } }: Answer,
): Promise<void> {
  // A weak ETag (`W/"…"`) is not allowed in If-Range (RFC 9110, 13.1.5).
  if (etag?.startsWith('"') === true)
    await partial.setValidator({ host: url.host, etag });
}

function broken({ url }: Answer, why: Message): DownloadError {
  return new DownloadError(
    { code: "download broken", args: [url.host, why] },
    { isTemporary: true },
  );
}

function wrongLength(
  { path, size }: RemoteFile,
  { url }: Answer,
  length: number,
  isTemporary: boolean,
): DownloadError {
  return new DownloadError(
    { code: "download length", args: [url.host, path, length, size] },
    { isTemporary },
  );
}
