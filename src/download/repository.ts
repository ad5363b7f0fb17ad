import { detailOf, message, type Argument } from "../messages";
import type { Checksum } from "./checksum";
import { DownloadError } from "./downloadError";
import type { Source } from "./endpoint";
import { asBroken, open, type RequestOptions } from "./request";
import { withRetries, type RetryOptions } from "./retry";
import { parseBoundedJson } from "../files/boundedJson";

/** A file of a repository, of the revision `main`. */
export interface RemoteFile {
  /** `OWNER/NAME`. */
  readonly repository: string;
  /** Path in the repository, with "/". */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly checksum: Checksum;
}

/** Most bytes of a page of a list that are read; usual pages have some kilobytes. */
const longestPage = 4 << 20;
/** Most pages of a list that are read. */
const mostPages = 20;

/**
 * The files of a repository's top folder, with sizes and checksums, by Hugging Face's API
 * (`/api/models/REPOSITORY/tree/main`, https://huggingface.co/docs/hub/api).
 *
 * @throws DownloadError whose message is one sentence for the user
 * @throws the signal's reason when it is aborted
 */
export async function listFiles(
  repository: string,
  source: Source,
  options: RequestOptions & RetryOptions,
): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  let page: URL | undefined = new URL(
    `api/models/${repository}/tree/main`,
    source.endpoint,
  );
  for (let pages = 0; page !== undefined && pages < mostPages; pages++) {
    const url: URL = page;
    const { entries, next } = await withRetries(
      () => readPage(url, source, options),
      options,
    );
    files.push(...entries.flatMap((entry) => asFile(entry, repository)));
    page = next;
  }
  return files;
}

/** The address that a file is downloaded from. */
export function addressOf(
  { repository, path }: RemoteFile,
  { endpoint }: Source,
): URL {
  const name = path.split("/").map(encodeURIComponent).join("/");
  return new URL(`${repository}/resolve/main/${name}`, endpoint);
}

async function readPage(
  url: URL,
  source: Source,
  options: RequestOptions,
): Promise<{ entries: unknown[]; next: URL | undefined }> {
  const answer = await open(url, source, options);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer.body) {
      length += (chunk as Buffer).length;
      if (length > longestPage) throw noList(url, message("too long"));
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw asBroken(error, answer.url, options.signal);
  } finally {
    answer.body.destroy();
  }
  const entries = parse(url, Buffer.concat(chunks).toString());
  return {
    entries,
    next: nextPage([answer.headers.link].flat().join(", "), url),
  };
}

function parse(url: URL, text: string): unknown[] {
  let value: unknown;
  try {
    value = parseBoundedJson(text, { depth: 8, values: 200_000 });
  } catch (error) {
    throw noList(url, detailOf(error));
  }
  if (!Array.isArray(value)) throw noList(url, message("no list"));
  return value;
}

/** The address in a header `Link: <…>; rel="next"`; undefined if there is none, or it is of another server. */
function nextPage(links: string, from: URL): URL | undefined {
  const [, target] = /<([^>]*)>\s*;\s*rel="?next"?/.exec(links) ?? [];
  if (target === undefined || !URL.canParse(target, from.href))
    return undefined;
  const next = new URL(target, from.href);
  return next.origin === from.origin ? next : undefined;
}

/** The file of an entry in a list; none if the entry is not a file with a size and a checksum. */
function asFile(entry: unknown, repository: string): RemoteFile[] {
  const { type, path, size, oid, lfs } = (entry ?? {}) as Record<
    string,
    unknown
  >;
  const large = (lfs ?? undefined) as Record<string, unknown> | undefined;
  const bytes = large?.size ?? size;
  const checksum = large
    ? checksumOf("sha256", large.oid)
    : checksumOf("git", oid);
  const isFile =
    type === "file" &&
    typeof path === "string" &&
    Number.isSafeInteger(bytes) &&
    (bytes as number) >= 0 &&
    checksum !== undefined;
  return isFile ? [{ repository, path, size: bytes as number, checksum }] : [];
}

function checksumOf(
  algorithm: Checksum["algorithm"],
  oid: unknown,
): Checksum | undefined {
  const pattern =
    algorithm === "sha256"
      ? /^(?:sha256:)?([0-9a-f]{64})$/
      : /^([0-9a-f]{40})$/;
  const [, value] = pattern.exec(String(oid)) ?? [];
  return value === undefined ? undefined : { algorithm, value };
}

function noList({ host }: URL, why: Argument): DownloadError {
  return new DownloadError({ code: "download list", args: [host, why] });
}
