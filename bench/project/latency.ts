import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { seededRandom } from "../../src/engine/sampling";
import { engineFlags, type DocumentState } from "../../src/protocol";
import { cpuSecondsOf } from "../cpuSeconds";
import { percentile } from "../percentile";

/** Keys, and milliseconds from the request to its answer; null without keys. */
interface Times {
  readonly keys: number;
  readonly p50: number | null;
  readonly p95: number | null;
}

/** What indexing costs a user who types meanwhile. */
export interface LatencyPoint {
  /** While indexing is paused, and while it goes on. */
  readonly paused: Times;
  readonly indexing: Times;
  /** Files indexed while it was typed. */
  readonly indexed: number;
  /** Processor seconds of an idle process, once all is indexed, and over how many seconds. */
  readonly idleCpuSeconds: number;
  readonly idleSeconds: number;
  /** Processes that wanted to run, on average of the last minute, at the end of typing. */
  readonly load: number;
}

const root = join(__dirname, "..", "..");
/** Milliseconds between two keys: longer than indexing waits after an edit, so that it goes on in between. */
const pauseMs = 400;
/** Milliseconds after which an editor asks for a suggestion behind a key. */
const requestDelayMs = 50;
const idleSeconds = 20;

/**
 * Types in a project that is being indexed. Before each key a coin says whether indexing goes on or
 * is paused, so that both have the same text, process and machine.
 */
export async function measureLatency(
  folder: string,
  storage: string,
  keys: number,
): Promise<LatencyPoint> {
  const engine = spawn(
    process.execPath,
    [...engineFlags, join(root, "dist/server.js"), "--stdio"],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const connection = createMessageConnection(
    new StreamMessageReader(engine.stdout),
    new StreamMessageWriter(engine.stdin),
  );
  try {
    return await measure(connection, engine, folder, storage, keys);
  } finally {
    connection.dispose();
    engine.kill();
  }
}

async function measure(
  connection: MessageConnection,
  engine: ChildProcess,
  folder: string,
  storage: string,
  keys: number,
): Promise<LatencyPoint> {
  const ready = new Promise<void>((resolve) => {
    connection.onNotification("rwkv/status", ({ state }: { state: string }) => {
      if (state === "ready") resolve();
    });
  });
  connection.listen();
  const uri = pathToFileURL(join(folder, "typed.ts")).href;
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "typed" }],
    capabilities: { workspace: { workspaceFolders: true } },
    initializationOptions: { notifications: true, statesPath: storage },
  });
  await connection.sendNotification("initialized", {});
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "typescript", version: 1, text: "" },
  });
  await ready;
  const state = async () => {
    const { project } = await connection.sendRequest<DocumentState>(
      "rwkv/state",
      { textDocument: { uri } },
    );
    if (project === undefined) throw new Error("no project is indexed");
    return project;
  };

  const text = readFileSync(join(root, "src/project/indexer.ts"), "utf8");
  const times: Record<"paused" | "indexing", number[]> = {
    paused: [],
    indexing: [],
  };
  const random = seededRandom(1);
  let position = { line: 0, character: 0 };
  const first = (await state()).files;
  for (let at = 0; at < Math.min(keys, text.length); at++) {
    const isPaused = random() < 0.5;
    await connection.sendNotification("rwkv/pauseIndexing", {
      paused: isPaused,
    });
    await sleep(pauseMs - requestDelayMs);
    // Without work there is nothing to compare with.
    if ((await state()).phase === "idle") break;
    const key = text[at]!;
    await connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version: at + 2 },
      contentChanges: [
        { range: { start: position, end: position }, text: key },
      ],
    });
    position =
      key === "\n"
        ? { line: position.line + 1, character: 0 }
        : { ...position, character: position.character + 1 };
    await sleep(requestDelayMs);
    const began = performance.now();
    await connection.sendRequest("textDocument/inlineCompletion", {
      textDocument: { uri },
      position,
      context: { triggerKind: 2 },
    });
    times[isPaused ? "paused" : "indexing"].push(performance.now() - began);
  }
  const [load = 0] = loadavg();
  const indexed = (await state()).files - first;

  await connection.sendNotification("rwkv/pauseIndexing", { paused: false });
  while ((await state()).phase !== "idle") await sleep(200);
  await sleep(2000);
  const before = cpuSecondsOf(engine.pid!);
  await sleep(1000 * idleSeconds);
  return {
    paused: summary(times.paused),
    indexing: summary(times.indexing),
    indexed,
    idleCpuSeconds: cpuSecondsOf(engine.pid!) - before,
    idleSeconds,
    load,
  };
}

function summary(times: readonly number[]): Times {
  return {
    keys: times.length,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
  };
}
