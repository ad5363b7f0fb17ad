import { defaultServer, type CompletionServerOptions } from "../../protocol";
import { withinBounds } from "../../settingBounds";
import type { Session } from "../session";

/** Handles `rwkv/completionServer`. Malformed values count as missing; without an address there is no server. */
export function nameServer(
  { server }: Pick<Session, "server">,
  given: Partial<Record<keyof CompletionServerOptions, unknown>>,
): void {
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  server.configure({
    url: text(given.url),
    key: text(given.key),
    model: text(given.model),
    timeBudget: withinBounds(
      "server.timeBudget",
      given.timeBudget,
      defaultServer.timeBudget,
    ),
  });
}
