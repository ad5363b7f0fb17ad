import type { Connection } from "vscode-languageserver/node";
import type { Completer } from "../completion/completer";
import type { DocumentInfo } from "../completion/context";
import type { Runner } from "../completion/runner";
import { refuseDocument } from "../completion/refuse";
import { refuseAccess } from "../exclusion/refuseAccess";
import { defaultSettings, type VisibleDocumentsParams } from "../protocol";
import { asRelativePath } from "./converters";
import type { Documents, OpenDocument } from "./documents";
import type { Models } from "./models";
import { orAborted } from "./orAborted";
import type { ProjectIndex } from "./features/project";
import type { RequestEvents } from "./requestEvents";
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
  readonly readAhead: BackgroundReader;
  readonly project: ProjectIndex;
  /** Folder in which states outlive the process; empty: none. */
  readonly statesPath: string;
  /** URIs of the workspace folders. */
  folders: readonly string[];
  /** Aborted, and replaced, when settings change: what is under way then may have become forbidden. */
  scope: AbortController;
}

/** Reads documents while nothing is asked; `features/readAhead.ts` is the one there is. */
export interface BackgroundReader {
  /** Takes note of what is in sight. */
  show(params: VisibleDocumentsParams): void;
  /** Stops, and starts again after a moment. */
  later(): void;
  stop(): void;
}

/**
 * What rules need to know of a document. Its settings may have to be asked of the client.
 *
 * @throws the signal's reason when it is aborted
 */
export async function documentInfo(
  session: Pick<Session, "settings" | "folders">,
  open: OpenDocument,
  signal?: AbortSignal,
): Promise<DocumentInfo> {
  const { uri, languageId } = open.document;
  for (;;) {
    const { revision } = session.settings;
    const asked = infoOf(session, uri, languageId);
    const info = await (signal ? orAborted(asked, signal) : asked);
    if (revision !== session.settings.revision) continue;
    open.decide(revision, refuseDocument(info) === undefined);
    return info;
  }
}

async function infoOf(
  { settings: store, folders }: Pick<Session, "settings" | "folders">,
  uri: string,
  languageId: string,
): Promise<DocumentInfo> {
  const settings = await store.get(uri);
  return {
    uri,
    languageId,
    path: asRelativePath(uri, folders),
    settings: settings ?? { ...defaultSettings, readAhead: "never" },
    refusedAccess: await refuseAccess(uri, settings, folders),
  };
}
