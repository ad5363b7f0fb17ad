import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { CancellationToken, type MessageConnection } from "vscode-jsonrpc/node";
import type { InitializationOptions, RequestEvent } from "../../src/protocol";
import { mebibyte } from "../../src/text/bytes";
import { cpuSecondsOf } from "../cpuSeconds";
import { modelReady, startEngine } from "../startEngine";

const uri = "file:///work/bench.ts";

/** How long an engine took to its first answer. */
export interface Started {
  readonly readyMs: number;
  readonly suggestionMs: number;
  readonly suggestion: string;
}

/** The engine's process, as other editors start it. */
export class Engine {
  readonly process: ChildProcess;
  readonly connection: MessageConnection;
  /** What became of requests, in the order of events. */
  readonly events: RequestEvent[] = [];
  private readonly began = performance.now();
  private text = "";
  private version = 1;

  /**
   * @param options what the engine is told at its start
   * @param program arguments of Node; not given: the server built last
   */
  constructor(
    private readonly options: InitializationOptions = {},
    program?: readonly string[],
  ) {
    ({ process: this.process, connection: this.connection } =
      startEngine(program));
    this.connection.listen();
  }

  /**
   * Opens a document, and asks for a suggestion at its end once the model is ready.
   *
   * @param trigger by hand the whole text is waited for
   * @returns milliseconds since the start, when the model is ready and when the answer is there
   */
  async start(
    text: string,
    trigger: "invoked" | "automatic" = "invoked",
  ): Promise<Started> {
    const { connection } = this;
    const ready = modelReady(connection);
    connection.onNotification("rwkv/request", (event: RequestEvent) => {
      this.events.push(event);
    });
    await connection.sendRequest("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
      initializationOptions: { ...this.options, notifications: true },
    });
    await connection.sendNotification("initialized", {});
    await connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "typescript", version: 1, text },
    });
    this.text = text;
    await ready;
    const readyMs = this.now();
    const suggestion = await this.suggestion(trigger);
    return { readyMs, suggestionMs: this.now(), suggestion };
  }

  /** Types at the end of the document. */
  async type(text: string): Promise<void> {
    const start = this.end;
    this.text += text;
    await this.connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version: ++this.version },
      contentChanges: [{ range: { start, end: start }, text }],
    });
  }

  /** What is suggested at the end of the document; empty if nothing is, or the request is given up. */
  async suggestion(
    trigger: "invoked" | "automatic",
    token = CancellationToken.None,
  ): Promise<string> {
    type Item = { insertText: string };
    const list = await this.connection.sendRequest<Item[] | { items: Item[] }>(
      "textDocument/inlineCompletion",
      {
        textDocument: { uri },
        position: this.end,
        context: { triggerKind: trigger === "invoked" ? 1 : 2 },
      },
      token,
    );
    const items = Array.isArray(list) ? list : list.items;
    return items[0]?.insertText ?? "";
  }

  /** Seconds of processor time so far. */
  get cpuSeconds(): number {
    return cpuSecondsOf(this.process.pid!);
  }

  /** Megabytes: resident, and its share of them where several processes share a page. */
  get memory(): { rssMb: number; ownShareMb: number } {
    const rollup = readFileSync(
      `/proc/${this.process.pid}/smaps_rollup`,
      "utf8",
    );
    const mb = (name: string) => {
      const [, kilobytes] = new RegExp(`^${name}: +(\\d+)`, "m").exec(rollup)!;
      return Math.round((Number(kilobytes) * 1024) / mebibyte);
    };
    return { rssMb: mb("Rss"), ownShareMb: mb("Pss") };
  }

  stop(): void {
    this.connection.dispose();
    this.process.kill();
  }

  private get end(): { line: number; character: number } {
    const lines = this.text.split("\n");
    return { line: lines.length - 1, character: lines.at(-1)!.length };
  }

  private now(): number {
    return Math.round(performance.now() - this.began);
  }
}
