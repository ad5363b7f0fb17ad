import type { Session } from "../session";

/** Handles `rwkv/dismissed`: the suggestion of this request is not shown there again. */
export function dismissed(
  { completer, events }: Session,
  { id }: { id: number },
): void {
  if (typeof id !== "number") return;
  completer.dismiss(id);
  events.publish({ kind: "dismissed", id });
}

/** Handles the command of an accepted suggestion: if the user undoes it, it is not shown again. */
export function accepted({ completer, events }: Session, id: number): void {
  completer.accept(id);
  events.publish({ kind: "accepted", id });
}
