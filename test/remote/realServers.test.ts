import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import {
  accessSync,
  constants,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TextOptions } from "../../src/completion/textSource";
import { exportModel } from "../../src/models/export/exportModel";
import { encodeFp32 } from "../../src/models/formats/encode";
import { writeSafetensors } from "../../src/models/formats/writeSafetensors";
import { defaultServer, type CompletionServerState } from "../../src/protocol";
import { CompletionServer } from "../../src/remote/completionServer";
import { MemoryWeights } from "../models/formats/writers/memoryWeights";
import { randomModel } from "../models/formats/writers/randomModel";
import { tinyTokenizer } from "../support/tinyModel";

/**
 * Real servers with a small RWKV of random weights: llama.cpp's own, which LLAMA_SERVER names or the
 * path has, and llama-cpp-python's, if LLAMA_CPP_PYTHON names a Python that has it.
 */
const programs: Record<
  string,
  {
    program: string | undefined;
    args: (model: string, port: number) => string[];
  }
> = {
  "llama.cpp": {
    program: process.env["LLAMA_SERVER"] ?? onPath("llama-server"),
    args: (model, port) => [
      "-m",
      model,
      "--host",
      "127.0.0.1",
      "--port",
      `${port}`,
      "-c",
      "2048",
      "-t",
      "1",
    ],
  },
  "OpenAI-compatible": {
    program: process.env["LLAMA_CPP_PYTHON"],
    args: (model, port) => [
      "-m",
      "llama_cpp.server",
      "--model",
      model,
      "--host",
      "127.0.0.1",
      "--port",
      `${port}`,
      "--n_ctx",
      "2048",
      "--n_threads",
      "1",
    ],
  },
};

/** Sizes that llama.cpp's kernels take: heads of 64. */
const size = {
  layers: 2,
  width: 128,
  headSize: 64,
  ffn: 256,
  vocabulary: 8 + 256 + tinyTokenizer.merges.length,
  rank: 32,
};

describe("real completion servers", function () {
  this.timeout(300_000);
  let folder: string;
  let model: string;
  let running: ChildProcess | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "rwkv-server-"));
    const source = join(folder, "model.safetensors");
    const weights = new MemoryWeights(randomModel("7", size, 3));
    writeSafetensors(source, weights, encodeFp32);
    writeFileSync(
      join(folder, "tokenizer.json"),
      JSON.stringify(tinyTokenizer),
    );
    model = join(folder, "tiny.gguf");
    await exportModel(source, model, {
      type: "f32",
      name: "tiny",
      license: "MIT",
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    if (running === undefined) return;
    const ended = new Promise((resolve) => running!.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
    running = undefined;
  });

  for (const [kind, { program, args }] of Object.entries(programs)) {
    const title = `${kind}: is known for what it is, streams, and stops when the client does`;
    if (program === undefined) {
      it.skip(`${title} (no such server is installed)`);
      continue;
    }
    it(title, async () => {
      const port = await freePort();
      running = spawn(program, args(model, port), { stdio: "ignore" });
      const states: (CompletionServerState | undefined)[] = [];
      const server = new CompletionServer((state) => states.push(state));
      const url = `http://127.0.0.1:${port}`;
      for (let isReady = false; !isReady; await sleep(300)) {
        assert.equal(running.exitCode, null, "the server has ended");
        server.configure({ ...defaultServer, url, timeBudget: 60_000 });
        isReady = await server.ready();
      }
      assert.match(states.at(-1)!.model, new RegExp(`\\(${kind}\\)$`));

      const seen: string[] = [];
      const options: TextOptions = {
        trigger: "generate",
        temperature: 0,
        topP: 1,
        seed: 0,
        stoppingCriteria: [],
        maxTokens: 16,
        minConfidence: 0,
        whole: "words",
        signal: new AbortController().signal,
        onText: (text) => seen.push(text),
      };
      const text = "const value = compute(1);\nconst other = ";
      const place = { text, start: text.length, end: text.length };
      const prompt = { ...place, selectedText: "", mayLeave: () => true };
      const written = await server.generate(prompt, options);
      assert.ok(written !== undefined, JSON.stringify(states.at(-1)));
      assert.ok(written.steps > 0);
      assert.ok(written.tokens.length > 0 || written.text === "");
      for (const { logProbability } of written.tokens)
        assert.ok(logProbability <= 0 && Number.isFinite(logProbability));
      const again = await server.generate(prompt, options);
      assert.equal(again?.text, written.text);

      // A long text is given up, and the next request is not kept waiting by it.
      const abort = new AbortController();
      const reason = new Error("given up");
      setTimeout(() => abort.abort(reason), 50);
      const long = server.generate(prompt, {
        ...options,
        maxTokens: 1500,
        signal: abort.signal,
      });
      // It may have ended by itself: random weights write an end, too.
      await long.catch((error: unknown) => assert.equal(error, reason));
      const after = await server.generate(prompt, options);
      assert.equal(after?.text, written.text);
      server.configure(defaultServer);
    });
  }
});

/** A program of the path; undefined if there is none. */
function onPath(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((part) => join(part, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
