import { DownloadError } from "./downloadError";

/** The service to download from, and the token for it. */
export interface Source {
  /** Address of the service: Hugging Face's, a mirror's, a company's own. */
  readonly endpoint: URL;
  /** Sent to the endpoint's own scheme, host and port, and nowhere else. */
  readonly token?: string | undefined;
}

export const defaultEndpoint = "https://huggingface.co";

/**
 * The address of a service that has repositories as Hugging Face does.
 *
 * @throws DownloadError if `text` is no `https:` address; `http:` is allowed for this machine alone
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

/** Whether nobody can read or change the traffic with an address: HTTPS, or this machine. */
export function isSafe({ protocol, hostname }: URL): boolean {
  if (protocol === "https:") return true;
  return protocol === "http:" && isThisMachine(hostname);
}

function isThisMachine(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/**
 * The token of Hugging Face's own tools, for the endpoint that these use: the one in `HF_ENDPOINT`,
 * else huggingface.co. No other endpoint gets it.
 */
export function tokenOfEnvironment(
  endpoint: URL,
  { HF_TOKEN, HF_ENDPOINT }: NodeJS.ProcessEnv,
): string | undefined {
  const theirs = HF_ENDPOINT || defaultEndpoint;
  const isTheirs =
    URL.canParse(theirs) && new URL(theirs).origin === endpoint.origin;
  // Read from a file, the token may end with a line end, which a header must not have.
  return (isTheirs && HF_TOKEN?.trim()) || undefined;
}
