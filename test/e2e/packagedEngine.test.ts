import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import type { InlineCompletionList } from "vscode-languageserver-protocol";
import type { InitializationOptions, StatusParams } from "../../src/protocol";
import { bareEnvironment } from "./bareEnvironment";
import { ownVsix } from "./editor";
import { readTrace, traceArguments, whyNotTraced } from "./systemCalls";
import { unpackExtension } from "./unpack";

/** The library's first upload comes some ten seconds after the first session. */
const watchedMs = 20_000;

/** Modules of Node that open sockets or resolve names. */
const networkModules = "dgram dns http http2 https inspector net tls".split(
  " ",
);

const uri = "file:///w/add.ts";
/** Some 700 tokens, so that what was read of them is worth keeping on disk. */
const areas = Array.from(
  { length: 24 },
  (_, i) =>
    `export function area${i}(width: number, height: number): number {\n  return width * height + ${i};\n}\n`,
).join("\n");
const text = `${areas}\nexport function area24(width: number, height: number): number {\n  ret`;

describe("the packaged engine", function () {
  this.timeout(180_000);
  const untraced = whyNotTraced();
  let root: string;
  let extension: string;
  let home: string;
  let temporary: string;
  let storage: string;
  let trace: string;
  let environment: Record<string, string | undefined>;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), "rwkv-watched-"));
    const folder = (name: string) => {
      mkdirSync(join(root, name));
      return join(root, name);
    };
    extension = folder("extension");
    home = folder("home");
    temporary = folder("temporary");
    storage = folder("storage");
    trace = join(root, "trace");
    environment = bareEnvironment(home, temporary);
    await unpackExtension(await ownVsix(), extension);
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  /** Runs a program of this Node, traced where that is possible. */
  function start(args: readonly string[]): ChildProcess {
    const program = [process.execPath, ...args];
    const [command, ...rest] =
      untraced === undefined
        ? ["strace", ...traceArguments(trace, { program })]
        : program;
    return spawn(command!, rest, {
      cwd: extension,
      env: environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
  }

  it("completes, and for the next twenty seconds leaves no file in a fresh home", async () => {
    const installed = everything(extension);
    const engine = start([join(extension, "dist/server.js"), "--stdio"]);
    const client = clientOf(engine);
    try {
      assert.match(await complete(client, storage), /^urn /);
      await sleep(watchedMs);
      assert.equal(engine.exitCode, null, "the engine ended by itself");
      await client.sendRequest("shutdown");
      await client.sendNotification("exit");
    } finally {
      await ended(engine);
    }
    assert.deepEqual(everything(home), []);
    assert.deepEqual(everything(temporary), []);
    assert.deepEqual(everything(extension), installed);
    const [folder, ...kept] = everything(storage);
    assert.equal(folder, "states");
    assert.ok(
      kept.some((name) => name.endsWith(".state")),
      "no state was kept",
    );
    for (const name of kept)
      assert.match(name, /^states.[0-9a-f-]+\.(state|document)$/);
  });

  it("opens no socket, resolves no name and writes in its storage alone (needs strace)", function () {
    if (untraced !== undefined) this.skip();
    const seen = readTrace(trace, [storage, temporary]);
    console.log(
      `      ${seen.calls} system calls in ${watchedMs / 1000} s and more: ` +
        `${seen.sockets.length} sockets, ${seen.names.length} names, ${seen.files.length} files elsewhere`,
    );
    assert.ok(seen.calls > 100, `only ${seen.calls} calls were seen`);
    assert.deepEqual(seen.sockets, []);
    assert.deepEqual(seen.names, []);
    assert.deepEqual(seen.files, []);
  });

  it("would be seen if it did (needs strace)", async function () {
    if (untraced !== undefined) this.skip();
    const misbehaving = join(root, "misbehaving.js");
    writeFileSync(
      misbehaving,
      `require("node:fs").writeFileSync(${JSON.stringify(join(home, "left"))}, "");
       require("node:dns").lookup("nowhere.invalid", () => undefined);
       require("node:net").connect(9, "127.0.0.1").on("error", () => undefined);`,
    );
    await ended(start([misbehaving]));
    rmSync(join(home, "left"));
    const seen = readTrace(trace, [storage, temporary]);
    assert.match(seen.files.join("\n"), /home\/left/);
    assert.match(seen.names.join("\n"), /\/etc\/(resolv\.conf|hosts)/);
    assert.match(seen.sockets.join("\n"), /AF_INET/);
  });

  it("has telemetry off in each of its programs before the library is loaded", () => {
    const hook = join(root, "hook.js");
    // Stands in for the library: says how it was found, and ends the program.
    writeFileSync(
      hook,
      `const module_ = require("node:module");
       const load = module_._load;
       module_._load = function (request, ...rest) {
         if (request !== "onnxruntime-node") return load.call(this, request, ...rest);
         process.stdout.write("loaded with " + process.env.ORT_DISABLE_TELEMETRY);
         process.exit(0);
       };`,
    );
    const dist = join(extension, "dist");
    const programs = readdirSync(dist).filter(
      (name) =>
        name.endsWith(".js") &&
        /\bonnxruntime-node\b/.test(readFileSync(join(dist, name), "utf8")),
    );
    assert.deepEqual(programs.sort(), [
      "complete.js",
      "importChild.js",
      "server.js",
    ]);
    for (const name of programs) {
      const args = ["--require", hook, join(dist, name), "--help"];
      const { stdout } = spawnSync(process.execPath, args, {
        env: environment,
        encoding: "utf8",
      });
      assert.equal(stdout, "loaded with 1", name);
    }
  });

  it("holds no program that could reach the network but for downloads, the protocol's own transports aside", () => {
    const reaching: string[] = [];
    for (const name of everything(extension)) {
      if (!/\.[cm]?js$/.test(name)) continue;
      const program = readFileSync(join(extension, name), "utf8");
      const modules = new Set(
        [
          ...program.matchAll(
            /\b(?:require|import)\(["'](?:node:)?([a-z0-9_]+)/g,
          ),
        ].map(([, module]) => module!),
      );
      for (const module of networkModules)
        if (modules.has(module)) reaching.push(`${name}: ${module}`);
    }
    // vscode-jsonrpc has them for `--socket` and `--pipe`, which the extension does not use.
    assert.deepEqual(reaching, [
      `${join("dist", "client.js")}: net`,
      // src/download/request.ts, by a command of the user alone.
      `${join("dist", "extension.js")}: http`,
      `${join("dist", "extension.js")}: https`,
      `${join("dist", "models.js")}: http`,
      `${join("dist", "models.js")}: https`,
      `${join("dist", "server.js")}: net`,
    ]);
  });
});

function clientOf(engine: ChildProcess): MessageConnection {
  const connection = createMessageConnection(
    new StreamMessageReader(engine.stdout!),
    new StreamMessageWriter(engine.stdin!),
  );
  connection.listen();
  return connection;
}

/** Asks for one suggestion as a plain client of the protocol. */
async function complete(
  connection: MessageConnection,
  storage: string,
): Promise<string> {
  const ready = new Promise<void>((resolve, reject) => {
    connection.onNotification("rwkv/status", (status: StatusParams) => {
      if (status.state === "ready") resolve();
      if (status.state === "failed") reject(new Error(status.message));
    });
  });
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    initializationOptions: {
      statesPath: join(storage, "states"),
      notifications: true,
      settings: { timeBudget: 10_000 },
    } satisfies InitializationOptions,
  });
  await connection.sendNotification("initialized", {});
  const lines = text.split("\n");
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "typescript", version: 1, text },
  });
  await ready;
  const { items } = await connection.sendRequest<InlineCompletionList>(
    "textDocument/inlineCompletion",
    {
      textDocument: { uri },
      position: { line: lines.length - 1, character: lines.at(-1)!.length },
      context: { triggerKind: 1 },
    },
  );
  return items.map(({ insertText }) => insertText as string).join("\n");
}

/** Ends a program by closing its input, and waits until it is gone. */
async function ended(program: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => program.once("close", resolve));
  program.stdin?.end();
  if (program.exitCode === null) await gone;
}

/** Names of all files and folders below a folder. */
function everything(folder: string): string[] {
  return readdirSync(folder, { encoding: "utf8", recursive: true }).sort();
}
