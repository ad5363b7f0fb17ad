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

/** Handles `textDocument/didOpen`: decides whether the document may be read, and loads its model. */
export async function didOpen(
  session: Session,
  params: DidOpenTextDocumentParams,
): Promise<void> {
  const { uri } = params.textDocument;
  session.readAhead.later();
  // If a client opens a document twice without closing it, what is known of the first is dropped.
  const old = session.documents.didClose(uri);
  if (old !== undefined) {
    forgetDocument(session, uri);
    void session.completer.forget(uri, "document closed");
  }
  const open = session.documents.didOpen(params);
  const info = await documentInfo(session, open);
  // Loading and parsing take time, so they start before the user types.
  if (refuseDocument(info) === undefined) {
    session.models.get(info.settings.model);
    void open.syntax.parse();
  } else {
    // The same file may have been read under another name, and suggestions may be copying from it.
    giveUp(session, new NoSuggestion("document closed"));
    await session.completer.reset("document closed");
    await tryToDeleteStates(session, { alsoGone: true });
  }
  session.project.opened(uri);
  session.readAhead.later();
}

/** Handles `textDocument/didChange`. @throws Error if a change cannot be applied */
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
    session.startAhead.edited(params);
  } catch (error) {
    const { uri } = params.textDocument;
    if (documents.get(uri)?.isOutOfStep) forgetDocument(session, uri);
    throw error;
  }
}

/** The surroundings of the position behind an inserted text; undefined if the change is not one insertion. */
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

/** Handles `textDocument/didClose`: saves the states of the document, and forgets it. */
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
