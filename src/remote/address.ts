import { ServerError } from "./serverError";

/** The address of a completion server. */
export interface ServerAddress {
  /** Paths of its interface are appended to it; no slash at the end. */
  readonly base: string;
  /** Name and port, for people. */
  readonly host: string;
  /** Whether the connection is encrypted (HTTPS) or ends on this machine. */
  readonly isPrivate: boolean;
}

const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Parses an address, with or without a slash or `/v1` at its end.
 *
 * @throws ServerError if it is no HTTP address, or contains a user name or password: addresses are shown
 */
export function parseAddress(text: string): ServerAddress {
  const url = parsed(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ServerError({ code: "server address", args: [] });
  if (url.username !== "" || url.password !== "" || url.search || url.hash)
    throw new ServerError({ code: "server address with more", args: [] });
  const path = url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
  return {
    base: url.origin + path,
    host: url.host,
    isPrivate: url.protocol === "https:" || loopback.test(url.hostname),
  };
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
