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
  /** Told how many bytes are here, after each piece. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /** Told before each wait for a server. */
  readonly onWait?: ((ms: number, error: DownloadError) => void) | undefined;
  readonly policy?: RetryPolicy | undefined;
  readonly idleMs?: number | undefined;
}

/**
 * Downloads a file of a repository to `path`; size and checksum are compared before it gets that name. It
 * continues a partial file of an earlier call, in any process, if that has the same content. After a
 * failure or cancellation the partial file stays beside `path`, unless its content was wrong.
 *
 * @throws DownloadError with one sentence that says what is in the way, the disk included
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
    await locked(path, () => bring(file, path, source, options));
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

async function bring(
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

/** One request for what is missing. */
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

/** @throws DownloadError if the service now has another version of the file */
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
 * Prepares the partial file for the answer: bytes are appended, or it starts anew.
 *
 * @throws DownloadError if the response has wrong bytes or a wrong length
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

/** Whether a part is the one that is missing, of the same version. */
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
  // A weak one (`W/"…"`) may not stand in If-Range (RFC 9110, 13.1.5).
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
