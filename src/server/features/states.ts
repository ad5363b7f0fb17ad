import { stat } from "node:fs/promises";
import { URI } from "vscode-uri";
import { refuseDocument } from "../../completion/refuse";
import type { DocumentState } from "../../protocol";
import { refuseAccess } from "../../exclusion/refuseAccess";
import { SavedDocuments } from "../../state/savedDocuments";
import { StateFolder } from "../../state/stateFolder";
import { describe } from "../describe";
import type { OpenDocument } from "../documents";
import { otherFiles } from "../generationInputs";
import type { Models } from "../models";
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
  comparedWith: 0,
};

/** Answers `rwkv/state`: what is known of a document's text. */
export async function documentState(
  session: Session,
  { textDocument: { uri } }: { textDocument: { uri: string } },
  signal: AbortSignal,
): Promise<DocumentState> {
  const open = session.documents.get(uri);
  if (open === undefined)
    return { ...nothingKnown, reason: "unknown document" };
  const info = await documentInfo(session, open, signal);
  const refused =
    refuseDocument(info) ?? (open.isOutOfStep ? "out of step" : undefined);
  if (refused !== undefined) return { ...nothingKnown, reason: refused };
  const model = session.models.get(info.settings.model);
  if (typeof model === "string") return { ...nothingKnown, reason: model };
  const { runtime, store } = model;
  const report = runtime.report(session.notebooks.keyOf(uri));
  const project = session.project.report();
  const about = {
    ...nothingKnown,
    model: model.name,
    usedBytes: runtime.usedBytes,
    budget: runtime.budgetBytes,
    stateBytes: model.network.emptyState.bytes,
    savedBytes: store?.bytes ?? 0,
    comparedWith: runtime.nearVectors({
      others: otherFiles(session, open, session.settings.revision),
      more: session.project.sourcesFor(uri, model),
    }).length,
    ...(project && { project }),
  };
  if (report === undefined) return { ...about, reason: "nothing read" };
  const { last, ...figures } = report;
  return { ...about, ...figures, reason: "", ...(last && { last }) };
}

/** Answers `rwkv/clearStates`: deletes all states of this workspace from the disk. */
export async function clearStates({
  models,
  statesPath,
  project,
}: Session): Promise<{ bytes: number }> {
  if (statesPath === "") return { bytes: 0 };
  const folder = await StateFolder.open(statesPath, { limit: 0 });
  const { bytes } = folder;
  await folder.clear();
  await new SavedDocuments(statesPath).clear();
  await project.clear();
  // The models' stores still list the deleted files.
  for (const { store } of models.loaded()) await store?.clear();
  return { bytes };
}

/** The saves under way, by the models of a server. */
const saves = new WeakMap<Models, Set<Promise<void>>>();

/**
 * Saves the states of a document, if it is a file that may be read.
 *
 * @throws the signal's reason when it is aborted, since the document may have been excluded meanwhile
 */
export async function saveStates(
  session: Pick<Session, "settings" | "folders" | "models">,
  open: OpenDocument,
  signal: AbortSignal,
): Promise<void> {
  const { uri } = open.document;
  const { scheme } = URI.parse(uri);
  if (scheme !== "file" && scheme !== "vscode-remote") return;
  const info = await documentInfo(session, open, signal);
  if (refuseDocument(info) !== undefined || open.isOutOfStep) return;
  const save = async () => {
    for (const { runtime } of session.models.loaded())
      await runtime.save(uri, signal);
  };
  const running = saves.get(session.models) ?? new Set();
  saves.set(session.models, running);
  const saving = save();
  running.add(saving);
  try {
    await saving;
  } finally {
    running.delete(saving);
  }
}

/**
 * Deletes the saved states of documents that must not be read any more, open or not.
 *
 * @param alsoGone whether the states of missing files are deleted, too: a file may have been renamed and be
 *   excluded by its new name
 */
export async function deleteRefusedStates(
  session: Session,
  { alsoGone }: { alsoGone: boolean },
): Promise<void> {
  const { statesPath, documents, settings, models } = session;
  if (statesPath === "") return;
  await Promise.allSettled([...(saves.get(models) ?? [])]);
  const { revision } = settings;
  await new SavedDocuments(statesPath).remove(async (uri) => {
    const open = documents.get(uri);
    if (open !== undefined) {
      const { refusedAccess, ...info } = await documentInfo(session, open);
      if (refusedAccess === "settings unknown") return false;
      return refuseDocument({ ...info, refusedAccess }) !== undefined;
    }
    const asked = await settings.get(uri);
    if (documents.get(uri) === undefined) settings.forget(uri);
    // Without settings, or if they have changed again, the states stay until the next call.
    if (asked === undefined || revision !== settings.revision) return false;
    const refused = await refuseAccess(uri, asked, session.folders);
    return (
      !asked.enable ||
      // The language of a file that is not open is unknown: if any language is off, it may be that one.
      Object.values(asked.languages).includes(false) ||
      refused !== undefined ||
      (alsoGone && (await isGone(uri)))
    );
  });
}

/** Calls `deleteRefusedStates` and logs a failure. */
export async function tryToDeleteStates(
  session: Session,
  which: { alsoGone: boolean },
): Promise<void> {
  try {
    await deleteRefusedStates(session, which);
  } catch (error) {
    session.connection.console.error(
      `states of excluded files: ${describe(error)}`,
    );
  }
}

async function isGone(uri: string): Promise<boolean> {
  const { scheme, fsPath } = URI.parse(uri);
  if (scheme !== "file") return false;
  try {
    await stat(fsPath);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
