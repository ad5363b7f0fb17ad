import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import type { InlineCompletionList } from "vscode-languageserver-protocol";

const root = join(__dirname, "..", "..");
const isWindows = process.platform === "win32";

/** Runs a program to its end; npm and the commands that it makes are scripts of the shell on Windows. */
function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    cwd: root,
    encoding: "utf8",
    shell: isWindows,
  });
}

describe("the npm package, installed for all projects", function () {
  this.timeout(300_000);
  let folder: string;
  let bin: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "rwkv-npm-"));
    const tarball = run("node", "scripts/npmPackage.mjs").trim();
    run(
      "npm",
      "install",
      "--global",
      "--silent",
      "--no-audit",
      // ONNX Runtime's script would download CUDA libraries.
      "--ignore-scripts",
      "--prefix",
      folder,
      tarball.split("\n").at(-1)!,
    );
    bin = isWindows ? folder : join(folder, "bin");
  });
  after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  it("has a command that completes a place in a file", async () => {
    const file = join(folder, "loop.ts");
    await writeFile(file, "for (let i = 0; i < items.length; i");
    assert.match(run(join(bin, "rwkv-complete"), `${file}:1:36`), /^\+\+/);
  });

  it("has a language server that suggests", async () => {
    const server = spawn(join(bin, "rwkv-language-server"), ["--stdio"], {
      shell: isWindows,
    });
    const connection = createMessageConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    const isReady = new Promise<void>((resolve) => {
      connection.onNotification(
        "rwkv/status",
        ({ state }: { state: string }) => {
          if (state === "ready") resolve();
        },
      );
    });
    connection.listen();
    await connection.sendRequest("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
      initializationOptions: {
        notifications: true,
        settings: { timeBudget: 10_000, suggestions: "often" },
      },
    });
    await connection.sendNotification("initialized", {});
    const uri = "file:///work/loop.ts";
    const text = "for (let i = 0; i < items.length; i";
    await connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "typescript", version: 1, text },
    });
    await isReady;
    const { items } = await connection.sendRequest<InlineCompletionList>(
      "textDocument/inlineCompletion",
      {
        textDocument: { uri },
        position: { line: 0, character: text.length },
        context: { triggerKind: 2 },
      },
    );
    assert.match(items[0]?.insertText as string, /^\+\+/);
    await connection.sendRequest("shutdown");
    const ended = once(server, "exit");
    await connection.sendNotification("exit");
    assert.deepEqual(await ended, [0, null]);
    connection.dispose();
  });
});
