import type {
  DidChangeConfigurationParams,
  WorkspaceFoldersChangeEvent,
} from "vscode-languageserver/node";
import { NoSuggestion } from "../../completion/reasons";
import { refuseDocument } from "../../completion/refuse";
import { documentInfo, forgetDocument, giveUp, type Session } from "../session";
import { logFailure } from "./project";
import { tryToDeleteStates } from "./states";

/** Handles `workspace/didChangeConfiguration`. */
export async function didChangeConfiguration(
  session: Session,
  params: DidChangeConfigurationParams,
): Promise<void> {
  session.settings.changed(params.settings);
  await decideAnew(session);
}

/** Handles a change of the workspace's folders: paths, settings and globs depend on them. */
export async function didChangeWorkspaceFolders(
  session: Session,
  { added, removed }: WorkspaceFoldersChangeEvent,
): Promise<void> {
  const gone = new Set(removed.map(({ uri }) => uri));
  const kept = session.folders.filter((uri) => !gone.has(uri));
  session.folders = [...kept, ...added.map(({ uri }) => uri)];
  // A document's path is part of what the model reads, and globs start from a folder.
  for (const open of session.documents.all()) open.dropWindows();
  logFailure(session, session.project.foldersChanged());
  session.settings.changed(undefined);
  await decideAnew(session);
}

/**
 * Applies new settings: aborts running work, drops what is kept of documents that must not be read any
 * more, and frees the models that no document uses.
 */
async function decideAnew(session: Session): Promise<void> {
  const { documents, models, completer, runner, readAhead } = session;
  const changed = new NoSuggestion("settings changed");
  // Before anything is awaited: from here on nothing is read under the old settings.
  giveUp(session, changed);
  models.forgetFailures();
  session.project.settingsChanged();
  await completer.reset("settings changed");
  await runner.stop(changed);

  const names = new Set<string>();
  for (const open of documents.all()) {
    const info = await documentInfo(session, open);
    if (refuseDocument(info) === undefined) names.add(info.settings.model);
    else {
      open.dropWindows();
      open.syntax.drop();
      forgetDocument(session, info.uri);
    }
  }
  void tryToDeleteStates(session, { alsoGone: false });
  // If no document uses a model, the loaded ones stay for the next that does.
  if (names.size === 0) return;
  const unused = models.unused(names);
  if (unused.length > 0) {
    await runner.stop(changed);
    for (const open of documents.all()) {
      for (const model of unused) open.dropWindows(model);
    }
    await models.retain(names);
  }
  for (const name of names) models.get(name);
  readAhead.later();
}
