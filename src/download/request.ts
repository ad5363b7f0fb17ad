import { detailOf, message, ToldError } from "../messages";
import {
  request as requestHttp,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
// Not `fetch`: all versions of the editor add their proxies and certificates to `https`, only newer
// ones to `fetch`.
import { request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { DownloadError } from "./downloadError";
import { isSafe, type Source } from "./endpoint";

const mostRedirects = 10;

/** Milliseconds without data after which a connection is given up. */
const defaultIdleMs = 30_000;

export interface RequestOptions {
  readonly signal: AbortSignal;
  /** Milliseconds without data after which the connection is given up. */
  readonly idleMs?: number | undefined;
  /** Further headers for a request to `url`, which may be the target of a redirect. */
  readonly headersFor?: (url: URL) => Record<string, string>;
}

/** An answer whose body has not been read yet. */
export interface Answer {
  /** The address that answered, after all redirects. */
  readonly url: URL;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Whether the answer was sent compressed; `body` is decompressed. */
  readonly wasCompressed: boolean;
  /** Sha256 of the file that a redirect leads to, if the service gives it. */
  readonly linkedSha256: string | undefined;
  readonly body: Readable;
}

/**
 * Sends a GET request and follows redirects. Only the endpoint's origin gets the token, and no request is
 * sent over a connection that others can read. The caller has to read the body or destroy it.
 *
 * @throws DownloadError if the connection fails, or for a status other than 200, 206 and 416
 * @throws the signal's reason when it is aborted
 */
export async function open(
  url: URL,
  source: Source,
  options: RequestOptions,
): Promise<Answer> {
  let linkedSha256: string | undefined;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const response = await send(url, source, options);
    linkedSha256 ??= linkedChecksum(response.headers);
    const { statusCode: status = 0, headers } = response;
    if (status >= 300 && status < 400 && headers.location !== undefined) {
      response.destroy();
      url = redirected(url, headers.location);
      continue;
    }
    if (status === 200 || status === 206 || status === 416)
      return { url, status, headers, linkedSha256, ...decoded(response) };
    response.destroy();
    throw statusError(url, status, headers, source);
  }
  throw new DownloadError({ code: "download redirects", args: [url.host] });
}

/** The error for a connection that failed or broke; other errors are returned as they are. */
export function asBroken(error: unknown, url: URL, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  if (error instanceof DownloadError) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new DownloadError(
    { code: "download broken", args: [url.host, code ?? detailOf(error)] },
    { isTemporary: true },
    { cause: error },
  );
}

function send(
  url: URL,
  { endpoint, token }: Source,
  { signal, idleMs = defaultIdleMs, headersFor }: RequestOptions,
): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const headers: Record<string, string> = {
    "User-Agent": "rwkv-code",
    "Accept-Encoding": "identity",
    ...headersFor?.(url),
  };
  if (token !== undefined && url.origin === endpoint.origin)
    headers.Authorization = `Bearer ${token}`;
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, signal }, resolve);
    asked.setTimeout(idleMs, () =>
      asked.destroy(new ToldError(message("nothing came", idleMs / 1000))),
    );
    asked.on("error", (error) => reject(asBroken(error, url, signal)));
    asked.end();
  });
}

/** The address of a redirect. @throws DownloadError if it is malformed or not safe to ask */
function redirected(from: URL, location: string): URL {
  const to = URL.canParse(location, from.href)
    ? new URL(location, from.href)
    : undefined;
  const isDowngrade = from.protocol === "https:" && to?.protocol !== "https:";
  if (to === undefined || !isSafe(to) || isDowngrade)
    throw new DownloadError({
      code: "download redirect",
      args: [from.host, to === undefined ? location : to.origin],
    });
  to.username = "";
  to.password = "";
  return to;
}

/**
 * The sha256 in Hugging Face's redirect, which is that of the file. The ETag of the address that the
 * redirect leads to is something else.
 */
function linkedChecksum(headers: IncomingHttpHeaders): string | undefined {
  const value = headers["x-linked-etag"];
  const [, sha256] = /^"([0-9a-f]{64})"$/.exec(String(value)) ?? [];
  return sha256;
}

/** The decompressed body: some servers compress although they were asked not to. */
function decoded(
  response: IncomingMessage,
): Pick<Answer, "body" | "wasCompressed"> {
  const decoder = decoderFor(response.headers["content-encoding"]);
  if (decoder === undefined) return { body: response, wasCompressed: false };
  response.on("error", (error) => decoder.destroy(error));
  decoder.on("close", () => response.destroy());
  return { body: response.pipe(decoder), wasCompressed: true };
}

function decoderFor(encoding: string | undefined) {
  switch (encoding?.toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      return undefined;
  }
}

function statusError(
  url: URL,
  status: number,
  headers: IncomingHttpHeaders,
  { endpoint }: Source,
): DownloadError {
  const args = [url.host, status];
  if (status === 401 || status === 403) {
    // The target of a redirect is a signed address that expires; the endpoint gives a new one each time.
    return url.origin === endpoint.origin
      ? new DownloadError(
          { code: "download refused", args },
          { needsToken: true },
        )
      : new DownloadError(
          { code: "download status", args },
          { isTemporary: true },
        );
  }
  if (status === 404 || status === 410)
    return new DownloadError({
      code: "download missing",
      args: [url.host, url.pathname],
    });
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return new DownloadError(
      { code: "download busy", args },
      { isTemporary: true, retryAfterMs: retryAfter(headers["retry-after"]) },
    );
  return new DownloadError({ code: "download status", args });
}

/** Milliseconds to wait by a header `Retry-After`, which has seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
