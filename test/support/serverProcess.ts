import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CancellationTokenSource,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type CancellationToken,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import type {
  InlineCompletionItem,
  InlineCompletionList,
  SelectedCompletionInfo,
} from "vscode-languageserver-protocol";
import type {
  InitializationOptions,
  RequestEvent,
  StatusParams,
} from "../../src/protocol";
import { atCursor, cursor } from "./cursor";
import type { FakeServerOptions, Figures } from "./fakeServer";

export interface StartOptions extends FakeServerOptions {
  initializationOptions?: InitializationOptions;
  folders?: string[];
  /** What the client calls itself. */
  clientName?: string;
  /** Language of what it shows; default: English. */
  locale?: string;
  /** Answers `workspace/configuration` for a scope; without it the client does not know of it. */
  configuration?: (scopeUri: string | undefined) => unknown;
}

/** A plain LSP client of a server process with fake models. */
export class ServerProcess {
  private readonly versions = new Map<string, number>();
  private readonly texts = new Map<string, string>();

  private constructor(
    readonly connection: MessageConnection,
    readonly process: ChildProcess,
    readonly initialized: unknown,
    readonly log: readonly string[],
    readonly statuses: readonly StatusParams[],
    readonly events: readonly RequestEvent[],
    readonly messages: readonly string[],
  ) {}

  static async start({
    initializationOptions,
    folders,
    clientName,
    locale = "en",
    configuration,
    ...fake
  }: StartOptions): Promise<ServerProcess> {
    const process = spawn(
      globalThis.process.execPath,
      [
        "-r",
        "tsx/cjs",
        join(__dirname, "fakeServer.ts"),
        "--stdio",
        `--fake=${JSON.stringify(fake)}`,
      ],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    const connection = createMessageConnection(
      new StreamMessageReader(process.stdout),
      new StreamMessageWriter(process.stdin),
    );
    const log: string[] = [];
    const statuses: StatusParams[] = [];
    connection.onNotification(
      "window/logMessage",
      ({ message }: { message: string }) => {
        log.push(message);
      },
    );
    connection.onNotification("rwkv/status", (status: StatusParams) => {
      statuses.push(status);
    });
    const messages: string[] = [];
    connection.onNotification(
      "window/showMessage",
      ({ message }: { message: string }) => {
        messages.push(message);
      },
    );
    const events: RequestEvent[] = [];
    connection.onNotification("rwkv/request", (event: RequestEvent) => {
      events.push(event);
    });
    connection.onRequest(
      "workspace/configuration",
      ({ items }: { items: { scopeUri?: string }[] }) =>
        Promise.all(
          items.map(
            async ({ scopeUri }) => (await configuration?.(scopeUri)) ?? null,
          ),
        ),
    );
    connection.onRequest("client/registerCapability", () => null);
    connection.onRequest("window/workDoneProgress/create", () => null);
    connection.listen();
    const initialized = await connection.sendRequest("initialize", {
      processId: globalThis.process.pid,
      ...(clientName !== undefined && { clientInfo: { name: clientName } }),
      locale,
      rootUri: null,
      workspaceFolders: folders?.map((uri) => ({ uri, name: uri })) ?? null,
      capabilities: {
        workspace: {
          configuration: configuration !== undefined,
          workspaceFolders: folders !== undefined,
        },
      },
      // A busy machine must not cut suggestions short, and only requests are to be counted.
      initializationOptions: {
        notifications: true,
        ...initializationOptions,
        settings: {
          timeBudget: 10_000,
          readAhead: "never",
          ...initializationOptions?.settings,
        },
      },
    });
    await connection.sendNotification("initialized", {});
    return new ServerProcess(
      connection,
      process,
      initialized,
      log,
      statuses,
      events,
      messages,
    );
  }

  /** Opens a document with the text of a marked text, or with a text without a mark. */
  async open(
    uri: string,
    marked: string,
    languageId = "typescript",
  ): Promise<void> {
    const text = marked.includes(cursor) ? atCursor(marked).text : marked;
    this.texts.set(uri, text);
    this.versions.set(uri, 1);
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId, version: 1, text },
    });
  }

  /** Turns the open document into the text of a marked text, by the one edit between them. */
  async edit(uri: string, marked: string): Promise<void> {
    const { text } = atCursor(marked);
    const old = this.texts.get(uri)!;
    let start = 0;
    while (
      start < old.length &&
      start < text.length &&
      old[start] === text[start]
    )
      start++;
    let tail = 0;
    const most = Math.min(old.length, text.length) - start;
    while (
      tail < most &&
      old[old.length - tail - 1] === text[text.length - tail - 1]
    )
      tail++;
    const version = this.versions.get(uri)! + 1;
    this.versions.set(uri, version);
    this.texts.set(uri, text);
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version },
      contentChanges: [
        {
          range: {
            start: positionAt(old, start),
            end: positionAt(old, old.length - tail),
          },
          text: text.slice(start, text.length - tail),
        },
      ],
    });
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification("textDocument/didClose", {
      textDocument: { uri },
    });
  }

  /** What is suggested at the cursor of a marked text, which the document holds already. */
  async complete(
    uri: string,
    marked: string,
    token: CancellationToken = new CancellationTokenSource().token,
    triggerKind = 2,
    selectedCompletionInfo?: SelectedCompletionInfo,
  ): Promise<InlineCompletionItem[]> {
    const { text, offset } = atCursor(marked);
    const { items } = await this.connection.sendRequest<InlineCompletionList>(
      "textDocument/inlineCompletion",
      {
        textDocument: { uri },
        position: positionAt(text, offset),
        context: {
          triggerKind,
          ...(selectedCompletionInfo && { selectedCompletionInfo }),
        },
      },
      token,
    );
    return items;
  }

  /** The text suggested first; empty if nothing is. */
  async suggestion(
    uri: string,
    marked: string,
    triggerKind = 2,
  ): Promise<string> {
    const [item] = await this.complete(uri, marked, undefined, triggerKind);
    return (item?.insertText as string | undefined) ?? "";
  }

  figures(): Promise<Figures> {
    return this.connection.sendRequest("test/figures");
  }

  /**
   * Waits until a model is loaded, or could not be.
   *
   * @throws Error if no document asks for one, or the server does not tell its status
   */
  async ready(): Promise<void> {
    const isSettled = () =>
      this.statuses.some(
        ({ state }) => state === "ready" || state === "failed",
      );
    for (let i = 0; !isSettled(); i++) {
      const { loads } = await this.figures();
      // Settings are asked for before a model is.
      if (loads === 0 && i > 200)
        throw new Error(
          "no open document asks for a model, so none will be ready",
        );
      if (loads > 0 && i > 2_000)
        throw new Error(
          "no status says that the model is ready: are notifications off?",
        );
      await sleep(5);
    }
  }

  /** Waits until the models have run more than so many times. */
  async runsBeyond(runs: number): Promise<void> {
    while ((await this.figures()).runs <= runs) await sleep(2);
  }

  /** The reason of the last request in the log. */
  async lastReason(): Promise<string> {
    await this.figures();
    const line =
      this.log.findLast((entry) =>
        /^(inline completion|generate)/.test(entry),
      ) ?? "";
    return /: ([^,(;]+?)(?: \(|,)/.exec(line)?.[1] ?? "";
  }

  async stop(): Promise<void> {
    await this.connection.sendRequest("shutdown");
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    await this.connection.sendNotification("exit");
    await ended;
    this.connection.dispose();
  }
}

export function positionAt(
  text: string,
  offset: number,
): { line: number; character: number } {
  const before = text.slice(0, offset).split(/\r\n|\n/);
  return { line: before.length - 1, character: before.at(-1)!.length };
}
