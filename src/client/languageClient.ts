import {
  ExtensionMode,
  Uri,
  workspace,
  type CancellationToken,
  type ExtensionContext,
  type LogOutputChannel,
  type TextDocument,
} from "vscode";
import {
  CloseAction,
  DidChangeConfigurationNotification,
  ErrorAction,
  InlineCompletionRequest,
  LanguageClient,
  RevealOutputChannelOn,
  TransportKind,
  WorkDoneProgress,
  type LanguageClientOptions,
  type Middleware,
} from "vscode-languageclient/node";
import {
  AvailabilityRequest,
  ClearStatesRequest,
  CompletionServerNotification,
  DismissedNotification,
  ExplainRequest,
  GenerateProgress,
  GenerateRequest,
  ImportModelRequest,
  IndexingNotification,
  MembersRequest,
  ModelsRequest,
  PauseIndexingNotification,
  RemoveModelRequest,
  NotebookNotification,
  RequestEventNotification,
  PingRequest,
  StateRequest,
  StatusNotification,
  VisibleDocumentsNotification,
  engineFlags,
  processIdKey,
} from "../protocol";
import type {
  EngineClient,
  EngineEvents,
  GeneratePrompt,
} from "./engineClient";
import { Heartbeat } from "./heartbeat";
import { Members } from "./members";
import { documentSelector } from "./selector";
import { initializationOptions } from "./settings";

/** Number of the last progress token, which makes each one unique. */
let lastToken = 0;

/**
 * The library's client without its notifications: it shows some for failures whatever its options say.
 * Here failures are only logged.
 */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Logs the name of a traced message without its contents, which may be text of a document. */
  override trace(message: string): void {
    super.trace(message);
  }
}

/** A client for one run of the engine's process, over the LSP library. */
export function createLanguageClient(
  context: ExtensionContext,
  log: LogOutputChannel,
  middleware: Middleware,
  events: EngineEvents,
): EngineClient {
  let heartbeat: Heartbeat | undefined;
  let reason = "the engine process ended";
  const engine = (...flags: string[]) => ({
    module: context.asAbsolutePath("dist/server.js"),
    transport: TransportKind.ipc,
    options: {
      cwd: context.extensionPath,
      execArgv: [...engineFlags, ...flags],
    },
  });
  const client = new QuietClient(
    "rwkv",
    "RWKV",
    // `debug` is used while the extension is debugged; `.vscode/launch.json` attaches to this port.
    { run: engine(), debug: engine("--inspect=6009") },
    clientOptions(context, log, middleware, () => {
      heartbeat?.stop();
      events.onEnded(reason);
      return reason;
    }),
  );
  client.onNotification(StatusNotification, (status) =>
    events.onStatus(status),
  );
  const members = new Members();
  client.onRequest(MembersRequest, (asked) => members.at(asked));
  client.onNotification(RequestEventNotification, (event) =>
    events.onRequest(event),
  );
  client.onNotification(IndexingNotification, (progress) =>
    events.onIndexing(progress),
  );
  // With `"trace": { "format": "json" }` the library logs whole messages by this method.
  Object.assign(client, { traceObject: () => undefined });
  const convert = client.code2ProtocolConverter;
  // In a trusted workspace more of its settings apply, so the engine has to request them again.
  const trusted = workspace.onDidGrantWorkspaceTrust(() => {
    if (client.isRunning())
      void client.sendNotification(DidChangeConfigurationNotification.type, {
        settings: null,
      });
  });

  return {
    get running() {
      return client.isRunning();
    },
    async start() {
      await client.start();
      // A debugger may stop the engine for any length of time.
      if (context.extensionMode === ExtensionMode.Development) return;
      heartbeat = new Heartbeat({
        ping: () => client.sendRequest(PingRequest, {}),
        onSilent: () => {
          reason = "the engine has not answered for a minute and was ended";
          kill(client.initializeResult?.[processIdKey]);
        },
      });
    },
    stop() {
      trusted.dispose();
      heartbeat?.stop();
      return client.stop();
    },
    availability: (document: TextDocument) =>
      client.sendRequest(AvailabilityRequest, {
        textDocument: convert.asTextDocumentIdentifier(document),
      }),
    state: (document: TextDocument) =>
      client.sendRequest(StateRequest, {
        textDocument: convert.asTextDocumentIdentifier(document),
      }),
    clearStates: () => client.sendRequest(ClearStatesRequest, {}),
    inlineCompletions: (document, ...request) =>
      client
        .getFeature(InlineCompletionRequest.method)
        ?.getProvider(document)
        ?.provideInlineCompletionItems(document, ...request),
    dismiss: (id) => client.sendNotification(DismissedNotification, { id }),
    nameServer: (options) =>
      client.sendNotification(CompletionServerNotification, options),
    pauseIndexing: (paused) =>
      client.sendNotification(PauseIndexingNotification, { paused }),
    explain: () => client.sendRequest(ExplainRequest, {}),
    showNotebook: (notebook, cells) =>
      client.sendNotification(NotebookNotification, {
        uri: convert.asUri(notebook),
        cells: cells.map((cell) => convert.asUri(cell)),
      }),
    showVisible: (documents) =>
      client.sendNotification(VisibleDocumentsNotification, {
        documents: documents.map(({ document, position }) => ({
          uri: convert.asUri(document.uri),
          position: convert.asPosition(position),
        })),
      }),
    async generate(
      { document, position, selection }: GeneratePrompt,
      onText: (text: string) => void,
      token: CancellationToken,
    ) {
      const partialResultToken = `rwkv-generate-${++lastToken}`;
      const pieces = client.onProgress(
        GenerateProgress,
        partialResultToken,
        onText,
      );
      try {
        const textDocument = convert.asTextDocumentIdentifier(document);
        const params = {
          textDocument,
          position: convert.asPosition(position),
          ...(selection && { selection: convert.asRange(selection) }),
          partialResultToken,
        };
        return await client.sendRequest(GenerateRequest, params, token);
      } finally {
        pieces.dispose();
      }
    },
    async importModel(params, onProgress, token) {
      const workDoneToken = `rwkv-import-${++lastToken}`;
      const reports = client.onProgress(
        WorkDoneProgress.type,
        workDoneToken,
        (value) => {
          if (value.kind === "report") onProgress(value);
        },
      );
      try {
        return await client.sendRequest(
          ImportModelRequest,
          { ...params, workDoneToken },
          token,
        );
      } finally {
        reports.dispose();
      }
    },
    models: async () => (await client.sendRequest(ModelsRequest, {})).models,
    removeModel: async (name) => {
      await client.sendRequest(RemoveModelRequest, { name });
    },
  };
}

/** Ends a process that no longer answers. */
function kill(pid: unknown): void {
  try {
    if (typeof pid === "number") process.kill(pid, "SIGKILL");
  } catch {
    // The process has ended meanwhile.
  }
}

function clientOptions(
  context: ExtensionContext,
  log: LogOutputChannel,
  middleware: Middleware,
  onClosed: () => string,
): LanguageClientOptions {
  return {
    documentSelector,
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: initializationOptions(
      context.asAbsolutePath("media/model"),
      // A window without a folder has no workspace storage, so its states are not saved.
      context.storageUri
        ? Uri.joinPath(context.storageUri, "states").fsPath
        : "",
    ),
    initializationFailedHandler: () => false,
    textSynchronization: { delayOpenNotifications: true },
    middleware,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      // The supervisor restarts the engine. The library's own restart does not wait between tries, and
      // shows a notification when one fails.
      closed: () => {
        const message = onClosed();
        return { action: CloseAction.DoNotRestart, handled: true, message };
      },
    },
  };
}
