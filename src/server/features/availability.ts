import { isBinary, refuseDocument } from "../../completion/refuse";
import type { Availability, AvailabilityParams } from "../../protocol";
import { documentInfo, type Session } from "../session";

/** Answers `rwkv/availability`: whether suggestions are on for a document. */
export async function availability(
  session: Session,
  { textDocument }: AvailabilityParams,
  signal: AbortSignal,
): Promise<Availability> {
  const open = session.documents.get(textDocument.uri);
  if (open === undefined) return { on: false, reason: "unknown document" };
  const info = await documentInfo(session, open, signal);
  const reason =
    refuseDocument(info) ??
    (open.isOutOfStep ? "out of step" : undefined) ??
    (isBinary(open.document.getText(), 0) ? "binary" : undefined);
  return { on: reason === undefined, reason: reason ?? "" };
}
