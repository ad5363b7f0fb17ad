import type { Completer } from "../../completion/completer";
import type { Session } from "../session";

/** Handles `rwkv/dismissed`. */
export function dismissed(
  { completer, events }: Session,
  { id }: { id: number },
): void {
  if (typeof id !== "number") return;
  const memory = completer as Completer & { dismiss?(id: number): void };
  memory.dismiss?.(id);
  events.publish({ kind: "dismissed", id });
}
