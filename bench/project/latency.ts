import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { MessageConnection } from "vscode-jsonrpc/node";
import { seededRandom } from "../../src/engine/sampling";
import type { DocumentState } from "../../src/protocol";
import { cpuSecondsOf } from "../cpuSeconds";
import { percentile } from "../percentile";
import { modelReady, startEngine } from "../startEngine";

/** Keys, and milliseconds from the request to its answer; null without keys. */
interface Times {
  readonly keys: number;
  readonly p50: number | null;
  readonly p95: number | null;
  /** The same without the time that the engine's thread waited for a processor that others had. */
  readonly undisturbed: { p50: number | null; p95: number | null };
  /** Milliseconds of a core for an answer, on average. */
  readonly cpu: number;
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
/** Milliseconds in which the user thinks, and indexing goes on, and keys that are typed then. */
const pauseMs = 2000;
const burst = 8;
/** Milliseconds between two of those. */
const keyMs = 200;
/** Milliseconds after which an editor asks for a suggestion behind a key. */
const requestDelayMs = 50;
const idleSeconds = 20;

/**
 * Types in a project that is being indexed, some keys after each pause. Before each pause a coin says
 * whether indexing goes on or is paused; a second engine gets the same text with each coin turned, so that
 * both have the same keys, processes and machine. The keys after the first pause are not counted: the engine
 * is new then, and does not know yet that it is asked behind each key.
 *
 * @param storage a folder for what the engines save
 */
export async function measureLatency(
  folder: string,
  storage: string,
  keys: number,
): Promise<LatencyPoint> {
  const typed = [];
  for (const turned of [false, true]) {
    const { process: engine, connection } = startEngine();
    try {
      const saved = join(storage, String(turned));
      mkdirSync(saved);
      typed.push(
        await measure(connection, engine, folder, saved, keys, turned),
      );
    } finally {
      connection.dispose();
      engine.kill();
    }
  }
  const [one, other] = typed as [Typed, Typed];
  const both = Math.min(one.answers.length, other.answers.length);
  const answers = [
    ...one.answers.slice(0, both),
    ...other.answers.slice(0, both),
  ];
  const { idleCpuSeconds, load } = other;
  return {
    idleCpuSeconds,
    idleSeconds,
    load,
    paused: summary(answers.filter(({ isPaused }) => isPaused)),
    indexing: summary(answers.filter(({ isPaused }) => !isPaused)),
    indexed: one.indexed + other.indexed,
  };
}

async function measure(
  connection: MessageConnection,
  engine: ChildProcess,
  folder: string,
  storage: string,
  keys: number,
  turned: boolean,
): Promise<Typed> {
  const ready = modelReady(connection);
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
  const answers: Answer[] = [];
  const random = seededRandom(1);
  let isPaused = false;
  let position = { line: 0, character: 0 };
  const first = (await state()).files;
  for (let at = 0; at < Math.min(keys, text.length); at++) {
    if (at % burst === 0) {
      isPaused = random() < 0.5 !== turned;
      await connection.sendNotification("rwkv/pauseIndexing", {
        paused: isPaused,
      });
      await sleep(pauseMs);
      // Without work there is nothing to compare with.
      if ((await state()).phase === "idle") break;
    }
    await sleep(keyMs - requestDelayMs);
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
    const before = scheduled(engine.pid!);
    const began = performance.now();
    await connection.sendRequest("textDocument/inlineCompletion", {
      textDocument: { uri },
      position,
      context: { triggerKind: 2 },
    });
    const ms = performance.now() - began;
    const after = scheduled(engine.pid!);
    if (at < burst) continue;
    answers.push({
      isPaused,
      ms,
      cpuMs: after.cpuMs - before.cpuMs,
      waitedMs: after.waitedMs - before.waitedMs,
    });
  }
  const [load = 0] = loadavg();
  const indexed = (await state()).files - first;

  await connection.sendNotification("rwkv/pauseIndexing", { paused: false });
  while ((await state()).phase !== "idle") await sleep(200);
  await sleep(2000);
  const before = cpuSecondsOf(engine.pid!);
  await sleep(1000 * idleSeconds);
  return {
    answers,
    indexed,
    idleCpuSeconds: cpuSecondsOf(engine.pid!) - before,
    idleSeconds,
    load,
  };
}

/** What one engine is measured by; the figures as in `LatencyPoint`. */
interface Typed {
  readonly answers: readonly Answer[];
  readonly indexed: number;
  readonly idleCpuSeconds: number;
  readonly idleSeconds: number;
  readonly load: number;
}

interface Answer {
  readonly isPaused: boolean;
  readonly ms: number;
  readonly cpuMs: number;
  readonly waitedMs: number;
}

function summary(answers: readonly Answer[]): Times {
  const all = answers.map(({ ms }) => ms);
  const own = answers.map(({ ms, waitedMs }) => ms - waitedMs);
  const cpu = answers.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  return {
    keys: answers.length,
    p50: percentile(all, 0.5),
    p95: percentile(all, 0.95),
    undisturbed: { p50: percentile(own, 0.5), p95: percentile(own, 0.95) },
    cpu: cpu / answers.length,
  };
}

/** What a process's first thread has computed and waited for a processor, on Linux (proc(5), schedstat). */
function scheduled(pid: number): { cpuMs: number; waitedMs: number } {
  const [cpu = 0, waited = 0] = readFileSync(`/proc/${pid}/schedstat`, "utf8")
    .split(" ")
    .map(Number);
  return { cpuMs: cpu / 1e6, waitedMs: waited / 1e6 };
}
