import type { Connection } from "vscode-languageserver/node";
import type { Completer } from "../completion/completer";
import type { DocumentInfo } from "../completion/context";
import type { Runner } from "../completion/runner";
import { asRelativePath } from "./converters";
import type { Documents, OpenDocument } from "./documents";
import type { Models } from "./models";
import type { RequestEvents } from "./requestEvents";
import type { ReadAhead } from "./features/readAhead";
import type { SettingsStore } from "./settings";
import type { Status } from "./status";

/** All parts of one running server; each request gets this and its parameters. */
export interface Session {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly settings: SettingsStore;
  readonly status: Status;
  readonly runner: Runner;
  /** What becomes of requests. */
  readonly events: RequestEvents;
  readonly completer: Completer;
  readonly models: Models;
  readonly readAhead: ReadAhead;
  /** Folder in which states outlive the process; empty: none. */
  readonly statesPath: string;
  /** URIs of the workspace folders. */
  folders: readonly string[];
}

/** What rules need to know of a document. Its settings may have to be asked of the client. */
export async function documentInfo(
  session: Pick<Session, "settings" | "folders">,
  { document: { uri, languageId } }: OpenDocument,
): Promise<DocumentInfo> {
  const settings = await session.settings.get(uri);
  return {
    uri,
    languageId,
    path: asRelativePath(uri, session.folders),
    settings,
  };
}
