/**
 * What the engine process costs, `npm run -s bench:server`, on Linux: milliseconds from its start to
 * a model that is ready and to the first suggestion, processor time of an idle minute, and what the
 * process of a further window takes. Prints one line of JSON; the server built last is measured.
 */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { MessageConnection } from "vscode-jsonrpc/node";
import { cpuSecondsOf } from "./cpuSeconds";
import { percentile } from "./percentile";
import { modelReady, startEngine } from "./startEngine";

const uri = "file:///work/bench.ts";
/** Ends where a suggestion is due. */
const text = `${readFileSync(__filename, "utf8")}\nconst names = process.arg`;
const starts = 5;
const idleMs = 60_000;
const megabyte = 1024 * 1024;

/** An engine process with a document open. */
class Engine {
  readonly process: ChildProcess;
  private readonly connection: MessageConnection;
  private readonly began = performance.now();

  constructor() {
    ({ process: this.process, connection: this.connection } = startEngine());
    this.connection.listen();
  }

  /** @returns milliseconds since the start, when the model is ready and when a suggestion is there */
  async start(): Promise<{ readyMs: number; suggestionMs: number }> {
    const { connection } = this;
    const ready = modelReady(connection);
    await connection.sendRequest("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
      initializationOptions: { notifications: true },
    });
    await connection.sendNotification("initialized", {});
    await connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "typescript", version: 1, text },
    });
    await ready;
    const readyMs = this.now();
    const lines = text.split("\n");
    const position = {
      line: lines.length - 1,
      character: lines.at(-1)!.length,
    };
    const list = await connection.sendRequest<unknown[] | { items: unknown[] }>(
      "textDocument/inlineCompletion",
      { textDocument: { uri }, position, context: { triggerKind: 1 } },
    );
    const items = Array.isArray(list) ? list : list.items;
    if (items.length === 0) throw new Error("nothing was suggested");
    return { readyMs, suggestionMs: this.now() };
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
      return Math.round((Number(kilobytes) * 1024) / megabyte);
    };
    return { rssMb: mb("Rss"), ownShareMb: mb("Pss") };
  }

  stop(): void {
    this.connection.dispose();
    this.process.kill();
  }

  private now(): number {
    return Math.round(performance.now() - this.began);
  }
}

async function main(): Promise<void> {
  const times: { readyMs: number; suggestionMs: number }[] = [];
  for (let n = 0; n < starts; n++) {
    const engine = new Engine();
    times.push(await engine.start());
    engine.stop();
  }
  const median = (values: number[]) => percentile(values, 0.5);

  const first = new Engine();
  await first.start();
  await sleep(2000);
  const before = first.cpuSeconds;
  await sleep(idleMs);
  const idleCpuSeconds = first.cpuSeconds - before;
  const alone = first.memory;
  const second = new Engine();
  await second.start();
  await sleep(2000);
  const furtherWindowMb =
    first.memory.ownShareMb + second.memory.ownShareMb - alone.ownShareMb;
  first.stop();
  second.stop();
  console.log(
    JSON.stringify({
      readyMs: median(times.map(({ readyMs }) => readyMs)),
      suggestionMs: median(times.map(({ suggestionMs }) => suggestionMs)),
      idleSeconds: idleMs / 1000,
      idleCpuSeconds,
      windowMb: alone.ownShareMb,
      furtherWindowMb,
    }),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
