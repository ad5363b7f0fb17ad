import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import type { StatusParams } from "../../src/protocol";
import { PromptWindow } from "../../src/runtime/promptWindow";
import { loadModel, type LoadedModel } from "../../src/runtime/loadedModel";
import { stateFileBytes } from "../../src/state/stateFile";
import { makeTinyModel, type TinyModel } from "../support/tinyModel";

const root = join(__dirname, "../..");
const uri = "file:///folder/killed.ts";
const signal = new AbortController().signal;

/** `KILLS=500` is what is run before a release. */
const kills = Number(process.env.KILLS ?? 4);

/** Another text for each round, so that there are states to save. */
function textOf(round: number): string {
  return `let round = ${round};\nlet in = [1, 2, 3];\n`.repeat(60);
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort();
}

describe("an engine that is killed", () => {
  let tiny: TinyModel;
  let program: string;
  let folder: string;

  before(async () => {
    tiny = await makeTinyModel();
    folder = await mkdtemp(join(tmpdir(), "killed-"));
    program = join(folder, "server.js");
    await build({
      entryPoints: [join(root, "src/server/main.ts")],
      bundle: true,
      platform: "node",
      external: ["onnxruntime-node"],
      outfile: program,
      logLevel: "error",
    });
  });
  const engines: ChildProcess[] = [];
  // What a failure leaves running would keep the tests from ending.
  afterEach(() => engines.forEach((engine) => engine.kill("SIGKILL")));
  after(async () => {
    await rm(folder, { recursive: true });
    tiny.remove();
  });

  it(`leaves whole states, and a new one goes on from them (${kills} kills)`, async () => {
    const states = join(folder, "states");
    let files = 0;
    let unfinished = 0;
    let restored = 0;
    for (let round = 0; round < kills; round++) {
      await workUntilKilled(round, states);
      const names = await filesIn(states);
      for (const name of names) {
        if (name.endsWith(".partial")) unfinished++;
        else files++;
      }
      const from = await goOn(textOf(round), states, names);
      if (from === "saved state") restored++;
    }
    if (kills >= 100)
      console.log(
        `${files} states read, ${unfinished} unfinished removed, ${restored} documents went on from one`,
      );
    assert.ok(files > 0, "a state has been saved");
    assert.ok(restored > 0, "a state has been of use");
  }).timeout(60_000 + kills * 20_000);

  /** Opens, reads, edits and closes a document in an engine, over and over, until it is killed. */
  async function workUntilKilled(round: number, states: string): Promise<void> {
    const engine = spawn(process.execPath, [program, "--stdio"], {
      stdio: ["pipe", "pipe", "ignore"],
      // The program lies outside the repository.
      env: { ...process.env, NODE_PATH: join(root, "node_modules") },
    });
    engines.push(engine);
    const exit = once(engine, "exit");
    engine.stdin.on("error", () => undefined);
    const connection = createMessageConnection(
      new StreamMessageReader(engine.stdout),
      new StreamMessageWriter(engine.stdin),
    );
    connection.onError(() => undefined);
    const ready = new Promise<void>((resolve, reject) => {
      connection.onNotification("rwkv/status", (status: StatusParams) => {
        if (status.state === "ready") resolve();
        if (status.state === "failed") reject(new Error(status.message));
      });
    });
    connection.listen();
    await connection.sendRequest("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
      initializationOptions: {
        notifications: true,
        bundledModel: tiny.folder,
        statesPath: states,
        threads: 1,
        settings: { readAhead: "always" },
      },
    });
    const tell = (method: string, params: object) =>
      connection.sendNotification(method, params);
    await tell("initialized", {});
    const text = textOf(round);
    const open = () =>
      tell("textDocument/didOpen", {
        textDocument: { uri, languageId: "typescript", version: 1, text },
      });
    await open();
    await ready;
    // Every other time while it reads, else about when it saves.
    const before = await filesIn(states);
    const killed = (async () => {
      const deadline = performance.now() + 20_000;
      if (round % 2 === 0) await sleep(Math.random() * 1000);
      else
        while (
          (await filesIn(states)).join() === before.join() &&
          performance.now() < deadline
        )
          await sleep(2);
      await sleep(Math.random() * 30);
      engine.kill("SIGKILL");
    })();
    let version = 1;
    while (engine.exitCode === null && !engine.killed) {
      await sleep(Math.random() * 1000);
      if (engine.killed) break;
      await tell("textDocument/didChange", {
        textDocument: { uri, version: ++version },
        contentChanges: [{ text: `${text}// ${version}\n` }],
      });
      await sleep(Math.random() * 1000);
      if (engine.killed) break;
      await tell("textDocument/didClose", { textDocument: { uri } });
      await open();
    }
    await killed;
    await exit;
    connection.dispose();
  }

  /** Has a new engine read a text; returns where its state came from. */
  async function goOn(
    text: string,
    states: string,
    names: readonly string[],
  ): Promise<string> {
    const options = { threads: 1, memoryBudget: 1e9, signal };
    const loaded = await loadModel(tiny.folder, {
      ...options,
      statesPath: states,
    });
    const fresh = await loadModel(tiny.folder, options);
    // Opening has removed what was unfinished; what is left is whole.
    const left = (await filesIn(states)).filter((name) =>
      name.endsWith(".state"),
    );
    assert.deepEqual(
      left,
      names.filter((name) => name.endsWith(".state")),
    );
    for (const name of left) await checkFile(join(states, name), loaded);

    const { from, probabilities } = await read(loaded, text);
    assert.deepEqual(probabilities, (await read(fresh, text)).probabilities);
    await loaded.dispose();
    await fresh.dispose();
    return from;
  }

  /** How many tokens are before a saved state, by the name of its file; fewer than the vectors' reach. */
  function positionOf(path: string): number {
    return Number(/-(\d+)-/.exec(path)![1]);
  }

  async function checkFile(path: string, { network }: LoadedModel) {
    const bytes = await readFile(path);
    assert.equal(
      bytes.length,
      stateFileBytes(
        network.emptyState,
        positionOf(path) * (network.vectorWidth ?? 0),
      ),
    );
    const sum = createHash("sha256").update(bytes.subarray(0, -32)).digest();
    assert.ok(sum.equals(bytes.subarray(-32)), path);
  }

  async function read(loaded: LoadedModel, text: string) {
    const { tokenizer, runtime } = loaded;
    const start = loaded.documentStart("killed.ts");
    const window = new PromptWindow(tokenizer, start);
    const tokens = window.tokensBefore(text, text.length);
    const first = await runtime.prefill(uri, tokens, signal);
    const { from } = first.prefilled;
    // Where nothing was saved, a window has served: what counts is the state of all.
    await runtime.readAhead(uri, tokens, signal);
    const then = await runtime.prefill(uri, tokens, signal);
    assert.ok(then.prefilled.exact);
    return { from, probabilities: then.next() };
  }
});
