import { DownloadError } from "./downloadError";

/** The service to download from, and the token for it. */
export interface Source {
  /** Address of the service: of Hugging Face, of a mirror, or of a company. It ends with "/". */
  readonly endpoint: URL;
  /** Sent only to addresses with the endpoint's scheme, host and port. */
  readonly token?: string | undefined;
}

export const defaultEndpoint = "https://huggingface.co";

/**
 * The address of a service that has repositories in the way of Hugging Face.
 *
 * @throws DownloadError if `text` is not an `https:` address without user, query and fragment; `http:` is
 *   allowed for this machine alone
 */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isUsable =
    url !== undefined &&
    isSafe(url) &&
    url.username === "" &&
    url.password === "" &&
    url.search === "" &&
    url.hash === "";
  if (!isUsable)
    throw new DownloadError({ code: "download endpoint", args: [text] });
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** Whether nobody else can read or change what is sent to an address: it is HTTPS, or this machine. */
export function isSafe({ protocol, hostname }: URL): boolean {
  if (protocol === "https:") return true;
  return protocol === "http:" && isThisMachine(hostname);
}

function isThisMachine(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/**
 * The token in `HF_TOKEN`, if `endpoint` is the service that Hugging Face's own tools use it for: the one
 * in `HF_ENDPOINT`, else huggingface.co. Undefined for any other.
 */
export function tokenOfEnvironment(
  endpoint: URL,
  { HF_TOKEN, HF_ENDPOINT }: NodeJS.ProcessEnv,
): string | undefined {
  const theirs = HF_ENDPOINT || defaultEndpoint;
  const isTheirs =
    URL.canParse(theirs) && new URL(theirs).origin === endpoint.origin;
  // A token that was read from a file may have a line break at its end, which a header must not have.
  return (isTheirs && HF_TOKEN?.trim()) || undefined;
}
