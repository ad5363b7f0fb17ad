import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
} from "vscode-languageserver/node";
import { surroundingsAt, type Surroundings } from "../../completion/context";
import { NoSuggestion } from "../../completion/reasons";
import { refuseDocument } from "../../completion/refuse";
import { documentInfo, forgetDocument, giveUp, type Session } from "../session";
import { saveStates, tryToDeleteStates } from "./states";

/** Reads a document's settings, and loads its model before it is asked for. */
export async function didOpen(
  session: Session,
  params: DidOpenTextDocumentParams,
): Promise<void> {
  const { uri } = params.textDocument;
  // Opened twice without being closed: what is known of the first is dropped.
  session.readAhead.later();
  const old = session.documents.didClose(uri);
  if (old !== undefined) {
    forgetDocument(session, uri);
    void session.completer.forget(uri, "document closed");
  }
  const open = session.documents.didOpen(params);
  const info = await documentInfo(session, open);
  // Loading takes a moment, typing is about to start.
  if (refuseDocument(info) === undefined) {
    session.models.get(info.settings.model);
    void open.syntax.parse();
  } else {
    // The file may be one that was read, and is being copied from, under another name.
    giveUp(session, new NoSuggestion("document closed"));
    await session.completer.reset("document closed");
    await tryToDeleteStates(session, { alsoGone: true });
  }
  session.project.opened(uri);
  session.readAhead.later();
}

/** Makes a client's changes. A document that is out of step is not read. */
export function didChange(
  session: Session,
  params: DidChangeTextDocumentParams,
): void {
  const { documents, readAhead, project } = session;
  readAhead.later();
  try {
    documents.didChange(params);
    project.edited(params.textDocument.uri);
    if (session.completer.isGoingOn)
      session.completer.edited(
        params.textDocument.uri,
        surroundingsTyped(session, params),
      );
  } catch (error) {
    const { uri } = params.textDocument;
    if (documents.get(uri)?.isOutOfStep) forgetDocument(session, uri);
    throw error;
  }
}

/** The surroundings behind what was inserted into a document; undefined for another kind of edit. */
function surroundingsTyped(
  { documents, notebooks, settings }: Session,
  { textDocument, contentChanges }: DidChangeTextDocumentParams,
): Surroundings | undefined {
  const open = documents.get(textDocument.uri);
  const [change, ...others] = contentChanges;
  if (open === undefined || change === undefined || others.length > 0)
    return undefined;
  if (!("range" in change)) return undefined;
  const { start, end } = change.range;
  if (start.line !== end.line || start.character !== end.character)
    return undefined;
  const { document } = open;
  const lead = notebooks.textBefore(open, settings.revision);
  const offset = document.offsetAt(start) + change.text.length;
  return surroundingsAt(
    document.languageId,
    lead + document.getText(),
    lead.length + offset,
  );
}

/** Saves the states of a document, and forgets it. */
export async function didClose(
  session: Session,
  { textDocument: { uri } }: DidCloseTextDocumentParams,
): Promise<void> {
  const { documents, readAhead, completer, models, settings, scope } = session;
  readAhead.later();
  const open = documents.didClose(uri);
  for (const { runtime } of models.loaded()) runtime.stopCopying(uri);
  if (session.given?.uri === uri) session.given = undefined;
  await completer.forget(uri, "document closed");
  try {
    if (open !== undefined) await saveStates(session, open, scope.signal);
  } finally {
    if (documents.get(uri) === undefined) {
      settings.forget(uri);
      forgetDocument(session, uri);
      session.project.closed(uri);
    }
  }
}
