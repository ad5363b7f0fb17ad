import {
  DidChangeConfigurationNotification,
  InlineCompletionRequest,
  TextDocumentSyncKind,
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type DidChangeConfigurationParams,
  type DidCloseTextDocumentParams,
  type DidOpenTextDocumentParams,
  type InitializeParams,
  type InitializeResult,
} from "vscode-languageserver/node";
import { Completer } from "../completion/completer";
import { Runner } from "../completion/runner";
import { NoSuggestion } from "../completion/reasons";
import { refuseAccess, refuseDocument } from "../completion/refuse";
import {
  acceptedCommand,
  AvailabilityRequest,
  ClearStatesRequest,
  GenerateRequest,
  ImportModelRequest,
  RequestEventNotification,
  StateRequest,
  StatusNotification,
  VisibleDocumentsNotification,
  type InitializationOptions,
} from "../protocol";
import { availability } from "./features/availability";
import { asSignal } from "./converters";
import { Documents } from "./documents";
import { generate } from "./features/generate";
import { importModel } from "./features/importModel";
import { inlineCompletion } from "./features/inlineCompletion";
import { LoadingProgress } from "./loadingProgress";
import { Models, type LoadModel } from "./models";
import { Power } from "./power";
import { ReadAhead } from "./features/readAhead";
import { describe } from "./describe";
import { RequestEvents } from "./requestEvents";
import { logRequest } from "./requestLog";
import { documentInfo, type Session } from "./session";
import { isRecord, SettingsStore } from "./settings";
import { clearStates, documentState, saveStates } from "./features/states";
import { Status } from "./status";

const defaultMemoryBudget = 256;

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
          throw new Error("the server is not initialised");
        return handle(session, params, signal);
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
      serverInfo: { name: "rwkv-language-server", version: options.version },
      capabilities: {
        textDocumentSync: {
          openClose: true,
          change: TextDocumentSyncKind.Incremental,
        },
        inlineCompletionProvider: true,
        executeCommandProvider: { commands: [acceptedCommand] },
        workspace: {
          workspaceFolders: { supported: true, changeNotifications: true },
        },
      },
    };
  });
  connection.onShutdown(async () => session && shutDown(session));

  connection.onDidOpenTextDocument(notified("didOpen", didOpen));
  connection.onDidChangeTextDocument(
    notified("didChange", ({ documents, readAhead }, params) => {
      readAhead.later();
      documents.didChange(params);
    }),
  );
  connection.onDidCloseTextDocument(notified("didClose", didClose));
  connection.onDidChangeConfiguration(
    notified("didChangeConfiguration", didChangeConfiguration),
  );

  connection.onNotification(
    VisibleDocumentsNotification,
    notified("visibleDocuments", ({ readAhead }, params) =>
      readAhead.show(params),
    ),
  );

  connection.onRequest(
    InlineCompletionRequest.type,
    asked(withoutReading(inlineCompletion)),
  );
  connection.onExecuteCommand(({ command, arguments: [id] = [] }) => {
    if (command === acceptedCommand && typeof id === "number")
      session?.events.publish({ kind: "accepted", id });
  });
  connection.onRequest(GenerateRequest, asked(withoutReading(generate)));
  connection.onRequest(ImportModelRequest, asked(importModel));
  connection.onRequest(AvailabilityRequest, asked(availability));
  connection.onRequest(StateRequest, asked(documentState));
  connection.onRequest(ClearStatesRequest, asked(clearStates));
}

/** Keeps the engine free while a request is answered. */
function withoutReading<P, R>(
  handle: (session: Session, params: P, signal: AbortSignal) => Promise<R>,
): typeof handle {
  return async (session, params, signal) => {
    session.readAhead.stop();
    try {
      return await handle(session, params, signal);
    } finally {
      session.readAhead.later();
    }
  };
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
    threads: numberOr(given.threads, 0),
    memoryBudget:
      numberOr(given.memoryBudget, defaultMemoryBudget) * 1024 * 1024,
    bundledModel: given.bundledModel || options.bundledModel,
    modelsPath: given.modelsPath ?? "",
    statesPath: given.statesPath ?? "",
    status,
    progress: new LoadingProgress(connection),
    onFailure: (message) => connection.console.error(message),
    onLoaded: (name, { description, warning }, ms) => {
      connection.console.info(
        `model ${name} loaded in ${ms.toFixed(0)} ms: ${description}`,
      );
      if (warning !== undefined) connection.console.warn(warning);
      session.readAhead.later();
    },
  });
  const parts = {
    connection,
    documents: new Documents(),
    settings,
    status,
    runner,
    completer: new Completer(runner),
    events,
    models,
    statesPath: given.statesPath ?? "",
    folders: foldersOf(params),
  };
  const session: Session = Object.assign(parts, {
    readAhead: new ReadAhead(parts, new Power()),
  });
  return session;
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
        // A document's path is part of what the model reads.
        for (const open of session.documents.all()) open.dropWindows();
      },
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
  const { documents, runner, models, readAhead } = session;
  readAhead.stop();
  await runner.stop(new NoSuggestion("cancelled"));
  for (const open of documents.all()) await saveStates(session, open);
  await models.retain(new Set());
}

async function didOpen(
  session: Session,
  params: DidOpenTextDocumentParams,
): Promise<void> {
  const { uri } = params.textDocument;
  // Opened twice without being closed: what is known of the first is of no use.
  if (session.documents.get(uri) !== undefined) await didClose(session, params);
  const open = session.documents.didOpen(params);
  const info = await documentInfo(session, open);
  // Loading takes a moment, typing is about to start.
  if (refuseDocument(info) === undefined)
    session.models.get(info.settings.model);
  session.readAhead.later();
}

async function didClose(
  session: Session,
  { textDocument: { uri } }: DidCloseTextDocumentParams,
): Promise<void> {
  const open = session.documents.didClose(uri);
  await session.completer.forget(uri, "document closed");
  if (open !== undefined) await saveStates(session, open);
  session.settings.forget(uri);
  if (session.documents.get(uri) === undefined) {
    for (const { runtime } of session.models.loaded()) runtime.forget(uri);
  }
}

/** Makes new settings count at once, for what runs, what is kept and which models stay. */
async function didChangeConfiguration(
  session: Session,
  params: DidChangeConfigurationParams,
): Promise<void> {
  const { documents, settings, models, completer, runner, readAhead } = session;
  settings.changed(params.settings);
  models.forgetFailures();
  await completer.reset("settings changed");

  const names = new Set<string>();
  for (const open of documents.all()) {
    const info = await documentInfo(session, open);
    if (refuseDocument(info) === undefined) names.add(info.settings.model);
    if (refuseAccess(info) !== undefined) {
      open.dropWindows();
      for (const { runtime } of models.loaded()) runtime.forget(info.uri);
    }
  }
  // Without a document in use there is nothing to make room for.
  if (names.size === 0) return;
  const unused = models.unused(names);
  if (unused.length > 0) {
    await runner.stop(new NoSuggestion("settings changed"));
    for (const open of documents.all()) {
      for (const model of unused) open.dropWindows(model);
    }
    await models.retain(names);
  }
  for (const name of names) models.get(name);
  readAhead.later();
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" && value >= 0 ? value : otherwise;
}
