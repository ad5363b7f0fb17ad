import type {
  Connection,
  DidChangeTextDocumentParams,
  InlineCompletionParams,
} from "vscode-languageserver/node";
import type { Completer } from "../completion/completer";
import type { DocumentInfo } from "../completion/context";
import type { NoSuggestion } from "../completion/reasons";
import type { Runner } from "../completion/runner";
import type { CompletionServer } from "../remote/completionServer";
import type { Suggestion } from "../completion/suggestion";
import type { CopyIndex } from "../copying/copyIndex";
import { refuseDocument } from "../completion/refuse";
import { refuseAccess } from "../exclusion/refuseAccess";
import type { Translate } from "../messages";
import type { NameCandidate, NameQuery } from "../project/candidates";
import {
  defaultSettings,
  type ProjectState,
  type VisibleDocumentsParams,
} from "../protocol";
import type { LoadedModel } from "../runtime/loadedModel";
import { asRelativePath } from "./converters";
import type { Documents, OpenDocument } from "./documents";
import type { EditorMembers } from "./features/members";
import type { Models } from "./models";
import type { Notebooks } from "./notebooks";
import { orAborted } from "../completion/orAborted";
import type { RequestEvents } from "./requestEvents";
import type { SettingsStore } from "./settings";
import type { Status } from "./status";

/** A suggestion that the client was given. */
export interface GivenSuggestion {
  readonly uri: string;
  /** Where it begins, a UTF-16 offset in the document at that time. */
  readonly start: number;
  /** The end of the text before `start`, by which the position is found again after edits. */
  readonly before: string;
  /** Text of the item that was selected in the list of completions, which comes first; else empty. */
  readonly selectedText: string;
  /** The selected item's text and the suggestion, as the document has them after an acceptance. */
  readonly insertText: string;
  readonly suggestion: Suggestion;
  /** Milliseconds from the request to its answer. */
  readonly ms: number;
}

/** All parts of one running server; each request gets this and its parameters. */
export interface Session {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly notebooks: Notebooks;
  readonly settings: SettingsStore;
  readonly status: Status;
  readonly runner: Runner;
  /** The stream of events of requests. */
  readonly events: RequestEvents;
  readonly completer: Completer;
  readonly models: Models;
  /** The completion server; it is off unless the user has named one. */
  readonly server: CompletionServer;
  readonly readAhead: BackgroundReader;
  readonly startAhead: RequestGuesses;
  readonly project: ProjectKnowledge;
  /** Members that the client's language services know; undefined if the client does not answer. */
  readonly members: EditorMembers | undefined;
  /** Folder in which states are saved; empty: they are not. */
  readonly statesPath: string;
  /** Words sentences for clients that do not do so themselves. */
  readonly translate: Translate;
  /** Whether suggested texts have LF as line ends, since the client writes the document's own by itself. */
  readonly wantsLf: boolean;
  /** URIs of the workspace folders. */
  folders: readonly string[];
  /** Aborted and replaced when settings change, since they may forbid running work. */
  scope: AbortController;
  /**
   * The last suggestion, for *Explain Suggestion*; forgotten with its document and when settings
   * change.
   */
  given: GivenSuggestion | undefined;
}

/** Reads documents while nothing is requested; implemented by `features/readAhead.ts`. */
export interface BackgroundReader {
  /** Sets which documents are visible. */
  show(params: VisibleDocumentsParams): void;
  /** Stops, and starts again after a moment. */
  later(): void;
  stop(): void;
}

/** Starts to complete before the editor asks; implemented by `features/startAhead.ts`. */
export interface RequestGuesses {
  /** Tells of a change that was applied. */
  edited(params: DidChangeTextDocumentParams): void;
  /** Tells of a request, before it is answered. */
  asked(params: InlineCompletionParams): void;
}

/** What is known of the workspace beyond the open documents; implemented by `features/project.ts`. */
export interface ProjectKnowledge {
  /** Whether other files, open ones included, may be copied from. */
  readonly usesOtherFiles: boolean;
  /** Copy indexes of the files that are most related to a document. */
  sourcesFor(uri: string, model: LoadedModel): CopyIndex[];
  /** Names that may stand at a place of a document, the likeliest first; at most `most`. */
  candidates(
    uri: string,
    place: Omit<NameQuery, "path">,
    most: number,
  ): NameCandidate[];
  /** Resolves when all is indexed, or at once where indexing is paused. */
  indexed(): Promise<void>;
  /** The closed file whose text is in a copy index; undefined if it is none of the project's. */
  fileOf(index: CopyIndex): string | undefined;
  /** Whether a file belongs to a library that files import. */
  isLibrary(path: string): boolean;
  /** The text of a file as it is on disk, where it may be read. */
  readText(path: string): Promise<string | undefined>;
  /** What is known; undefined if projects are not indexed. */
  report(): ProjectState | undefined;
  /** Delays indexing until nothing has happened for a moment. */
  later(): void;
  /** Pauses indexing until it is resumed (false) or the settings change. */
  pause(isPaused: boolean): void;
  opened(uri: string): void;
  edited(uri: string): void;
  closed(uri: string): void;
  filesChanged(uris: readonly string[]): void;
  settingsChanged(): void;
  foldersChanged(): Promise<void>;
  modelLoaded(model: LoadedModel): Promise<void>;
  /** Deletes what is saved, forgets what is known, and starts anew. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The settings of a document and whether it may be read, which is recorded in `open`, too. The settings
 * may have to be requested from the client.
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

/** Forgets what the models know of a document, and of the notebook that it is a cell of. */
export function forgetDocument(
  { models, notebooks }: Session,
  uri: string,
): void {
  for (const { runtime } of models.loaded())
    for (const key of new Set([uri, notebooks.keyOf(uri)])) runtime.forget(key);
}

/** Aborts all running work at once, and forgets the last suggestion. */
export function giveUp(session: Session, reason: NoSuggestion): void {
  const { scope, readAhead } = session;
  session.given = undefined;
  session.scope = new AbortController();
  scope.abort(reason);
  readAhead.stop();
}
