import {
  DidChangeConfigurationNotification,
  DidRenameFilesNotification,
  ErrorCodes,
  LSPErrorCodes,
  ResponseError,
  DidChangeWatchedFilesNotification,
  ExecuteCommandRequest,
  InlineCompletionRequest,
  TextDocumentSyncKind,
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type ExecuteCommandParams,
  type InitializeResult,
} from "vscode-languageserver/node";
import { NoSuggestion } from "../completion/reasons";
import {
  acceptedCommand,
  AvailabilityRequest,
  ClearStatesRequest,
  CompletionServerNotification,
  DismissedNotification,
  explainAsTextCommand,
  ExplainRequest,
  GenerateRequest,
  ImportModelRequest,
  ModelsRequest,
  PauseIndexingNotification,
  NotebookNotification,
  PingRequest,
  RemoveModelRequest,
  StateRequest,
  VisibleDocumentsNotification,
  defaultServer,
  processIdKey,
} from "../protocol";
import { createSession, type ServerOptions } from "./createSession";
import { availability } from "./features/availability";
import { nameServer } from "./features/completionServer";
import {
  didChangeConfiguration,
  didChangeWorkspaceFolders,
} from "./features/configuration";
import { asSignal, joinSignals } from "./converters";
import { explainAsText, explainSuggestion } from "./features/explain";
import { generate } from "./features/generate";
import { importModel } from "./features/importModel";
import { listModels } from "./features/listModels";
import { removeModel } from "./features/removeModel";
import { inlineCompletion } from "./features/inlineCompletion";
import { didChange, didClose, didOpen } from "./features/openDocuments";
import { describe } from "./describe";
import { accepted, dismissed } from "./features/dismissed";
import type { Session } from "./session";
import {
  clearStates,
  deleteRefusedStates,
  documentState,
  saveStates,
} from "./features/states";

/** Registers the handlers of all messages on a connection. The caller makes it listen. */
export function createServer(
  connection: Connection,
  options: ServerOptions,
): void {
  let session: Session | undefined;

  /** The handler of a notification, which logs errors; before `initialize` it does nothing. */
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

  /** The handler of a request, whose errors quote no document. */
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
    notified("didRenameFiles", (session, { files }) => {
      // Of clients that watch no files, nothing else tells of it.
      session.project.filesChanged(
        files.flatMap(({ oldUri, newUri }) => [oldUri, newUri]),
      );
      return deleteRefusedStates(session, { alsoGone: true });
    }),
  );

  connection.onNotification(
    VisibleDocumentsNotification,
    notified("visibleDocuments", ({ readAhead }, params) =>
      readAhead.show(params),
    ),
  );

  connection.onNotification(
    PauseIndexingNotification,
    notified("pauseIndexing", ({ project }, { paused }) =>
      project.pause(paused === true),
    ),
  );

  connection.onNotification(
    NotebookNotification,
    notified("notebook", ({ notebooks }, params) => notebooks.update(params)),
  );

  connection.onNotification(
    DismissedNotification,
    notified("dismissed", dismissed),
  );

  connection.onNotification(
    CompletionServerNotification,
    notified("completionServer", nameServer),
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
  connection.onRequest(ModelsRequest, asked(listModels));
  connection.onRequest(RemoveModelRequest, asked(removeModel));
  connection.onRequest(AvailabilityRequest, asked(availability));
  connection.onRequest(StateRequest, asked(documentState));
  connection.onRequest(ClearStatesRequest, asked(clearStates));
  connection.onRequest(PingRequest, () => null);
}

/** All files, as a glob of the protocol. */
const anyFile = { glob: "**/*" };

/**
 * Pauses reading ahead and indexing while a request is answered, and aborts the request when its document
 * is closed or the settings change.
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

/** The error that a client gets in place of one that may quote a document. */
function asResponseError(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof ResponseError) return error;
  if (signal.aborted)
    return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
  return new ResponseError(ErrorCodes.InternalError, "the request failed");
}

/** Registers for changes of the workspace's folders, files and settings, as far as the client supports it. */
async function subscribe(
  session: Session,
  { workspace }: ClientCapabilities,
): Promise<void> {
  if (workspace?.workspaceFolders) {
    session.connection.workspace.onDidChangeWorkspaceFolders((change) => {
      didChangeWorkspaceFolders(session, change).catch((error: unknown) =>
        session.connection.console.error(
          `workspace folders: ${describe(error)}`,
        ),
      );
    });
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
  session.server.configure(defaultServer);
  await project.stop();
  await runner.stop(new NoSuggestion("cancelled"));
  for (const open of documents.all())
    await saveStates(session, open, session.scope.signal);
  await models.retain(new Set());
}
