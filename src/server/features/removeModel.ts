import {
  ErrorCodes,
  LSPErrorCodes,
  ResponseError,
} from "vscode-languageserver/node";
import { NoSuggestion } from "../../completion/reasons";
import { ModelError } from "../../models/modelError";
import { deletePackage } from "../../models/package/packageFolder";
import type { Message } from "../../messages";
import type { Session } from "../session";

/**
 * Answers `rwkv/removeModel`: deletes a model of the models folder. If it is in use, it is freed first.
 * The client has to change the settings that name it.
 *
 * @throws ResponseError whose message is one sentence that says why it cannot be deleted
 */
export async function removeModel(
  session: Session,
  { name }: { name: string },
): Promise<null> {
  if (typeof name !== "string" || name === "bundled")
    throw new ResponseError(
      ErrorCodes.InvalidParams,
      `the model ${JSON.stringify(name)} cannot be deleted`,
    );
  try {
    const folder = session.models.folderOf(name);
    await release(session, name);
    deletePackage(folder);
    session.connection.console.info(`model ${name} deleted from ${folder}`);
    return null;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ResponseError<Message | undefined>(
      LSPErrorCodes.RequestFailed,
      error.message,
      error.told,
    );
  }
}

/** Stops the work of a model and frees it: some systems do not delete files in use. */
async function release(session: Session, name: string): Promise<void> {
  const { models, completer, runner, readAhead, documents } = session;
  const model = models.ifLoaded(name);
  if (model === undefined) return models.drop(name);
  readAhead.stop();
  await completer.reset("settings changed");
  await runner.stop(new NoSuggestion("settings changed"));
  for (const open of documents.all()) open.dropWindows(model);
  await models.drop(name);
  readAhead.later();
}
