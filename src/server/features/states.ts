import { URI } from "vscode-uri";
import { refuseDocument } from "../../completion/refuse";
import type { DocumentState } from "../../protocol";
import { StateFolder } from "../../state/stateFolder";
import type { OpenDocument } from "../documents";
import { documentInfo, type Session } from "../session";

const nothingKnown = {
  model: "",
  tokens: 0,
  checkpoints: 0,
  approximate: 0,
  bytes: 0,
  usedBytes: 0,
  budget: 0,
  stateBytes: 0,
  savedBytes: 0,
};

/** Answers `rwkv/state`: what is known of a document's text. */
export async function documentState(
  session: Session,
  { textDocument: { uri } }: { textDocument: { uri: string } },
): Promise<DocumentState> {
  const open = session.documents.get(uri);
  if (open === undefined)
    return { ...nothingKnown, reason: "unknown document" };
  const info = await documentInfo(session, open);
  const refused = refuseDocument(info);
  if (refused !== undefined) return { ...nothingKnown, reason: refused };
  const model = session.models.get(info.settings.model);
  if (typeof model === "string") return { ...nothingKnown, reason: model };
  const { runtime, store } = model;
  const report = runtime.report(uri);
  const about = {
    ...nothingKnown,
    model: model.name,
    usedBytes: runtime.usedBytes,
    budget: runtime.budgetBytes,
    stateBytes: model.network.emptyState.bytes,
    savedBytes: store?.bytes ?? 0,
  };
  if (report === undefined) return { ...about, reason: "nothing read" };
  const { last, ...figures } = report;
  return { ...about, ...figures, reason: "", ...(last && { last }) };
}

/** Answers `rwkv/clearStates`: deletes all states of this workspace from the disk. */
export async function clearStates({
  models,
  statesPath,
}: Session): Promise<{ bytes: number }> {
  if (statesPath === "") return { bytes: 0 };
  const folder = await StateFolder.open(statesPath, { limit: 0 });
  const { bytes } = folder;
  await folder.clear();
  // What the models' stores know of the folder is no longer so.
  for (const { store } of models.loaded()) await store?.clear();
  return { bytes };
}

/** Saves the states of a document from which they may outlive the process: one that is a file. */
export async function saveStates(
  session: Pick<Session, "settings" | "folders" | "models">,
  open: OpenDocument,
): Promise<void> {
  const { uri } = open.document;
  const { scheme } = URI.parse(uri);
  if (scheme !== "file" && scheme !== "vscode-remote") return;
  const info = await documentInfo(session, open);
  if (refuseDocument(info) !== undefined) return;
  for (const { runtime } of session.models.loaded()) await runtime.save(uri);
}
