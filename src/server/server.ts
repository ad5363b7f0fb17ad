import {
  DidChangeConfigurationNotification,
  DidRenameFilesNotification,
  ErrorCodes,
  LSPErrorCodes,
  ResponseError,
  DidChangeWatchedFilesNotification,
  ExecuteCommandRequest,
  InlineCompletionRequest,
  MessageType,
  ShowMessageNotification,
  TextDocumentSyncKind,
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type DidChangeConfigurationParams,
  type DidChangeTextDocumentParams,
  type DidCloseTextDocumentParams,
  type DidOpenTextDocumentParams,
  type ExecuteCommandParams,
  type InitializeParams,
  type InitializeResult,
} from "vscode-languageserver/node";
import { Completer } from "../completion/completer";
import { Runner } from "../completion/runner";
import { NoSuggestion } from "../completion/reasons";
import { refuseDocument } from "../completion/refuse";
import {
  acceptedCommand,
  AvailabilityRequest,
  ClearStatesRequest,
  DismissedNotification,
  explainAsTextCommand,
  ExplainRequest,
  GenerateRequest,
  ImportModelRequest,
  PingRequest,
  RequestEventNotification,
  StateRequest,
  StatusNotification,
  VisibleDocumentsNotification,
  processIdKey,
  type InitializationOptions,
  type ProjectMode,
} from "../protocol";
import { withinBounds } from "../settingBounds";
import { availability } from "./features/availability";
import { asSignal, joinSignals } from "./converters";
import { Documents } from "./documents";
import { explainAsText, explainSuggestion } from "./features/explain";
import { generate } from "./features/generate";
import { importModel } from "./features/importModel";
import { inlineCompletion } from "./features/inlineCompletion";
import { LoadingProgress } from "./loadingProgress";
import { Models, type LoadModel } from "./models";
import { Parsing } from "./parsing";
import { Power } from "./power";
import { logFailure, ProjectIndex } from "./features/project";
import { ReadAhead } from "./features/readAhead";
import { describe } from "./describe";
import { RequestEvents } from "./requestEvents";
import { logRequest } from "./requestLog";
import { accepted, dismissed } from "./features/dismissed";
import { documentInfo, type Session } from "./session";
import { isRecord, SettingsStore } from "./settings";
import {
  clearStates,
  deleteRefusedStates,
  documentState,
  saveStates,
} from "./features/states";
import { Status } from "./status";

const defaultMemoryBudget = 256;
const defaultProjectMemory = 96;

export interface ServerOptions {
  readonly version: string;
  readonly load: LoadModel;
  /** Folder of the bundled model where the client names none. */
  readonly bundledModel: string;
}

/** Wires the parts to a connection. The caller lets the connection listen. */
export function createServer(
  connection: Connection,
  options: ServerOptions,
): void {
  let session: Session | undefined;

  /** Handles a notification; nothing that is thrown goes farther than the log. */
  function notified<P>(
    name: string,
    handle: (session: Session, params: P) => unknown,
  ) {
    return async (params: P): Promise<void> => {
      try {
        if (session !== undefined) await handle(session, params);
      } catch (error) {
        connection.console.error(`${name}: ${describe(error)}`);
      }
    };
  }

  function asked<P, R>(
    handle: (session: Session, params: P, signal: AbortSignal) => Promise<R>,
  ) {
    return (params: P, token: CancellationToken): Promise<R> =>
      asSignal(token, async (signal) => {
        if (session === undefined)
          throw new ResponseError(
            ErrorCodes.ServerNotInitialized,
            "the server is not initialised",
          );
        try {
          return await handle(session, params, signal);
        } catch (error) {
          throw asResponseError(error, signal);
        }
      });
  }

  connection.onInitialize((params): InitializeResult => {
    session = createSession(connection, params, options);
    connection.onInitialized(
      notified("initialized", (started) =>
        subscribe(started, params.capabilities),
      ),
    );
    return {
      [processIdKey]: process.pid,
      serverInfo: { name: "rwkv-language-server", version: options.version },
      capabilities: {
        textDocumentSync: {
          openClose: true,
          change: TextDocumentSyncKind.Incremental,
        },
        inlineCompletionProvider: true,
        executeCommandProvider: {
          commands: [acceptedCommand, explainAsTextCommand],
        },
        workspace: {
          workspaceFolders: { supported: true, changeNotifications: true },
          fileOperations: { didRename: { filters: [{ pattern: anyFile }] } },
        },
      },
    };
  });
  connection.onShutdown(async () => session && shutDown(session));

  connection.onDidOpenTextDocument(notified("didOpen", didOpen));
  connection.onDidChangeTextDocument(notified("didChange", didChange));
  connection.onDidCloseTextDocument(notified("didClose", didClose));
  connection.onDidChangeConfiguration(
    notified("didChangeConfiguration", didChangeConfiguration),
  );

  connection.onDidChangeWatchedFiles(
    notified("didChangeWatchedFiles", ({ project }, { changes }) => {
      project.filesChanged(changes.map(({ uri }) => uri));
    }),
  );

  connection.onNotification(
    DidRenameFilesNotification.type,
    notified("didRenameFiles", (renamed) =>
      deleteRefusedStates(renamed, { alsoGone: true }),
    ),
  );

  connection.onNotification(
    VisibleDocumentsNotification,
    notified("visibleDocuments", ({ readAhead }, params) =>
      readAhead.show(params),
    ),
  );

  connection.onNotification(
    DismissedNotification,
    notified("dismissed", dismissed),
  );

  connection.onRequest(
    InlineCompletionRequest.type,
    asked(withoutReading(inlineCompletion)),
  );
  connection.onRequest(
    ExecuteCommandRequest.type,
    asked(async (session, params: ExecuteCommandParams, signal) => {
      const { command, arguments: [id] = [] as unknown[] } = params;
      if (command === acceptedCommand && typeof id === "number")
        accepted(session, id);
      return command === explainAsTextCommand
        ? explainAsText(session, signal)
        : null;
    }),
  );
  connection.onRequest(
    ExplainRequest,
    asked((session, _, signal) => explainSuggestion(session, signal)),
  );
  connection.onRequest(GenerateRequest, asked(withoutReading(generate)));
  connection.onRequest(ImportModelRequest, asked(importModel));
  connection.onRequest(AvailabilityRequest, asked(availability));
  connection.onRequest(StateRequest, asked(documentState));
  connection.onRequest(ClearStatesRequest, asked(clearStates));
  connection.onRequest(PingRequest, () => null);
}

/** All files, as a glob of the protocol. */
const anyFile = { glob: "**/*" };

/**
 * Keeps the engine free while a request is answered, and gives the request up when its document is
 * closed or the settings change.
 */
function withoutReading<P extends { textDocument: { uri: string } }, R>(
  handle: (session: Session, params: P, signal: AbortSignal) => Promise<R>,
): typeof handle {
  return async (session, params, signal) => {
    session.readAhead.stop();
    session.project.later();
    const { textDocument } = params as Partial<P>;
    const open = textDocument && session.documents.get(textDocument.uri);
    const joined = joinSignals([
      signal,
      session.scope.signal,
      ...(open ? [open.closed] : []),
    ]);
    try {
      return await handle(session, params, joined.signal);
    } finally {
      joined.dispose();
      session.readAhead.later();
    }
  };
}

/** What a client hears of an error that is not an answer: nothing that may quote a document. */
function asResponseError(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof ResponseError) return error;
  if (signal.aborted)
    return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
  return new ResponseError(ErrorCodes.InternalError, "the request failed");
}

function createSession(
  connection: Connection,
  params: InitializeParams,
  options: ServerOptions,
): Session {
  const given: InitializationOptions = isRecord(params.initializationOptions)
    ? params.initializationOptions
    : {};
  const settings = new SettingsStore(connection);
  settings.initialise(
    given.settings,
    params.capabilities.workspace?.configuration === true,
  );
  const isNotified = given.notifications === true;
  const status = new Status((changed) => {
    if (isNotified)
      void connection.sendNotification(StatusNotification, changed);
  });
  const events = new RequestEvents();
  events.subscribe((event, error) =>
    logRequest(connection.console, event, error),
  );
  if (isNotified)
    events.subscribe((event) => {
      void connection.sendNotification(RequestEventNotification, event);
    });
  const runner = new Runner();
  const models = new Models({
    load: options.load,
    threads: withinBounds("threads", given.threads, 0),
    memoryBudget:
      withinBounds("memoryBudget", given.memoryBudget, defaultMemoryBudget) *
      1024 *
      1024,
    bundledModel: stringOf(given.bundledModel) || options.bundledModel,
    modelsPath: stringOf(given.modelsPath),
    statesPath: stringOf(given.statesPath),
    status,
    progress: new LoadingProgress(connection),
    onFailure: (message) => {
      connection.console.error(message);
      // A client without our status has no other place for it.
      if (!isNotified)
        void connection.sendNotification(ShowMessageNotification.type, {
          type: MessageType.Error,
          message: `RWKV: ${message}`,
        });
    },
    onLoaded: (name, { description, warning }, ms) => {
      connection.console.info(
        `model ${name} loaded in ${ms.toFixed(0)} ms: ${description}; ${models.memoryText()}`,
      );
      if (warning !== undefined) connection.console.warn(warning);
      session.readAhead.later();
      const loaded = models.get(name);
      if (typeof loaded !== "string")
        logFailure(session, session.project.modelLoaded(loaded));
      void deleteStates(session, false);
    },
  });
  const parts = {
    connection,
    documents: new Documents(
      new Parsing((message) => connection.console.warn(message)),
    ),
    settings,
    status,
    runner,
    completer: new Completer(runner),
    events,
    models,
    statesPath: stringOf(given.statesPath),
    wantsLf: wantsLf(given, params),
    folders: foldersOf(params),
    given: undefined,
    scope: new AbortController(),
  };
  const power = new Power();
  const session: Session = Object.assign(parts, {
    readAhead: new ReadAhead(parts, power),
    project: new ProjectIndex(parts, power, {
      mode: projectModeOf(given.project),
      budgetBytes:
        withinBounds(
          "projectMemory",
          given.projectMemory,
          defaultProjectMemory,
        ) * 1_000_000,
    }),
  });
  return session;
}

/** Editors whose buffers have LF alone, and that write a file's line ends when they save it. */
const lfClients = ["neovim", "emacs"];

function wantsLf(
  { lineEnds }: InitializationOptions,
  { clientInfo }: InitializeParams,
): boolean {
  if (lineEnds === "lf" || lineEnds === "document") return lineEnds === "lf";
  return lfClients.includes(clientInfo?.name?.toLowerCase() ?? "");
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => uri);
  return rootUri ? [rootUri] : [];
}

/** Asks to be told of what changes later. */
async function subscribe(
  session: Session,
  { workspace }: ClientCapabilities,
): Promise<void> {
  if (workspace?.workspaceFolders) {
    session.connection.workspace.onDidChangeWorkspaceFolders(
      ({ added, removed }) => {
        const gone = new Set(removed.map(({ uri }) => uri));
        const kept = session.folders.filter((uri) => !gone.has(uri));
        session.folders = [...kept, ...added.map(({ uri }) => uri)];
        // A document's path is part of what the model reads, and globs start from a folder.
        for (const open of session.documents.all()) open.dropWindows();
        logFailure(session, session.project.foldersChanged());
        session.settings.changed(undefined);
        decideAnew(session).catch((error: unknown) =>
          session.connection.console.error(
            `workspace folders: ${describe(error)}`,
          ),
        );
      },
    );
  }
  if (workspace?.didChangeWatchedFiles?.dynamicRegistration) {
    await session.connection.client.register(
      DidChangeWatchedFilesNotification.type,
      { watchers: [{ globPattern: "**/*" }] },
    );
  }
  if (workspace?.didChangeConfiguration?.dynamicRegistration) {
    await session.connection.client.register(
      DidChangeConfigurationNotification.type,
      {
        section: "rwkv",
      },
    );
  }
}

async function shutDown(session: Session): Promise<void> {
  const { documents, runner, models, readAhead, project } = session;
  readAhead.stop();
  await project.stop();
  await runner.stop(new NoSuggestion("cancelled"));
  for (const open of documents.all())
    await saveStates(session, open, session.scope.signal);
  await models.retain(new Set());
}

async function didOpen(
  session: Session,
  params: DidOpenTextDocumentParams,
): Promise<void> {
  const { uri } = params.textDocument;
  // Opened twice without being closed: what is known of the first is of no use.
  session.readAhead.later();
  const old = session.documents.didClose(uri);
  if (old !== undefined) {
    forget(session, uri);
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
    await deleteStates(session, true);
  }
  session.project.opened(uri);
  session.readAhead.later();
}

/** Makes a client's changes. What is not the client's text is not read. */
function didChange(
  session: Session,
  params: DidChangeTextDocumentParams,
): void {
  const { documents, readAhead, project } = session;
  readAhead.later();
  try {
    documents.didChange(params);
    project.edited(params.textDocument.uri);
  } catch (error) {
    const { uri } = params.textDocument;
    if (documents.get(uri)?.isOutOfStep) forget(session, uri);
    throw error;
  }
}

async function didClose(
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
      forget(session, uri);
      session.project.closed(uri);
    }
  }
}

/** Forgets what the models know of a document. */
function forget(session: Session, uri: string): void {
  for (const { runtime } of session.models.loaded()) runtime.forget(uri);
}

async function didChangeConfiguration(
  session: Session,
  params: DidChangeConfigurationParams,
): Promise<void> {
  session.settings.changed(params.settings);
  await decideAnew(session);
}

/** Ends whatever is under way, at once. */
function giveUp(session: Session, reason: NoSuggestion): void {
  const { scope, readAhead } = session;
  session.given = undefined;
  session.scope = new AbortController();
  scope.abort(reason);
  readAhead.stop();
}

/** Makes new settings count at once, for what runs, what is kept and which models stay. */
async function decideAnew(session: Session): Promise<void> {
  const { documents, models, completer, runner, readAhead } = session;
  const changed = new NoSuggestion("settings changed");
  // Before anything is waited for: from here on nothing is read by the old settings.
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
      forget(session, info.uri);
    }
  }
  void deleteStates(session, false);
  // Without a document in use there is nothing to make room for.
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

function projectModeOf(value: unknown): ProjectMode {
  return value === "off" || value === "openFiles" ? value : "on";
}

/** Deletes saved states that must not be kept; a failure is logged. */
async function deleteStates(
  session: Session,
  alsoGone: boolean,
): Promise<void> {
  try {
    await deleteRefusedStates(session, { alsoGone });
  } catch (error) {
    session.connection.console.error(
      `states of excluded files: ${describe(error)}`,
    );
  }
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
