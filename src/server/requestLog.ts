import type { RemoteConsole } from "vscode-languageserver/node";
import type { RequestEvent } from "../protocol";
import { describe } from "./describe";

/** Logs an event of a request in one line; an error follows with its stack. */
export function logRequest(
  console: RemoteConsole,
  event: RequestEvent,
  error?: unknown,
): void {
  if (!("reason" in event))
    return console.info(`#${event.id} was ${event.kind}`);
  const { id, kind, place, reason, stop, ms, timings, confidence } = event;
  const ended = stop === undefined ? reason : `${reason} (${stop})`;
  const sure = confidence === undefined ? "" : `, P ${confidence.toFixed(2)}`;
  const line =
    `${kind}${place === "" ? "" : ` at ${place}`}: ${ended}${sure}, ${ms.toFixed(1)} ms; ` +
    `prefilled ${timings.prefillTokens} in ${timings.prefillMs.toFixed(1)} ms, ` +
    `decoded ${timings.decodeTokens} in ${timings.decodeMs.toFixed(1)} ms (#${id})`;
  if (error === undefined) console.info(line);
  else console.error(`${line}\n${describe(error)}`);
}
