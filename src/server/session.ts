import type { Connection } from "vscode-languageserver/node";
import type { Completer } from "../completion/completer";
import type { DocumentInfo } from "../completion/context";
import type { Runner } from "../completion/inFlight";
import { asRelativePath } from "./converters";
import type { Documents, OpenDocument } from "./documents";
import type { Models } from "./models";
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

/** One line in the log for a request, whatever became of it. The document's text is never in it. */
export function logRequest(
  { connection }: Session,
  request: string,
  { reason, stop, error, ...figures }: RequestLog,
): void {
  const ended = stop === undefined ? reason : `${reason} (${stop})`;
  const { ms, prefilled, prefillMs, decoded, decodeMs } = figures;
  const line =
    `${request}: ${ended}, ${ms.toFixed(1)} ms; ` +
    `prefilled ${prefilled} in ${prefillMs.toFixed(1)} ms, decoded ${decoded} in ${decodeMs.toFixed(1)} ms`;
  if (error === undefined) connection.console.info(line);
  else connection.console.error(`${line}\n${describe(error)}`);
}

export interface RequestLog {
  readonly reason: string;
  readonly stop?: string;
  readonly error?: unknown;
  readonly ms: number;
  readonly prefilled: number;
  readonly prefillMs: number;
  readonly decoded: number;
  readonly decodeMs: number;
}

export const nothingRun = {
  prefilled: 0,
  prefillMs: 0,
  decoded: 0,
  decodeMs: 0,
};

/** An error with its stack, for the log. */
export function describe(error: unknown): string {
  return error instanceof Error
    ? (error.stack ?? error.message)
    : String(error);
}
