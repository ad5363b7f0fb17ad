import type { Connection } from "vscode-languageserver/node";
import type { Completer } from "../completion/completer";
import type { DocumentInfo } from "../completion/context";
import type { Runner } from "../completion/inFlight";
import { refuseDocument } from "../completion/refuse";
import { defaultSettings } from "../protocol";
import { refuseAccess } from "../exclusion/refuseAccess";
import { asRelativePath } from "./converters";
import type { Documents, OpenDocument } from "./documents";
import type { Models } from "./models";
import { orAborted } from "./orAborted";
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
  /** Aborted, and replaced, when settings change: what is under way then may have become forbidden. */
  scope: AbortController;
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

/**
 * An error with its stack, for the log. The words of errors that the language makes are left out:
 * some quote the value that they are about, which may be the text of a document.
 */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const { name, message, stack = message } = error;
  if (!/^(Type|Syntax|Range|Reference|URI)Error$/.test(name)) return stack;
  const frames = stack.split("\n").filter((line) => /^ {4}at /.test(line));
  return [name, ...frames].join("\n");
}
