import assert from "node:assert/strict";
import { fork, spawn } from "node:child_process";
import { join } from "node:path";
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";

const main = join(__dirname, "../../src/server/main.ts");
const node = ["-r", "tsx/cjs"];
const initialize = { processId: null, rootUri: null, capabilities: {} };

function exitOf(child: {
  once(event: "exit", listener: (code: number | null) => void): unknown;
}) {
  return new Promise<number | null>((resolve) => child.once("exit", resolve));
}

describe("rwkv-language-server", () => {
  it("says how it is used", async () => {
    const child = spawn(process.execPath, [...node, main], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    assert.equal(await exitOf(child), 2);
    assert.match(errors, /Usage: rwkv-language-server --stdio/);
  });

  it("serves over stdio, and ends with its client", async () => {
    const child = spawn(process.execPath, [...node, main, "--stdio"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.listen();
    const { serverInfo } = await connection.sendRequest<{
      serverInfo: { version: string };
    }>("initialize", initialize);
    assert.match(serverInfo.version, /^\d+\.\d+\.\d+/);
    const ended = exitOf(child);
    child.stdin.end();
    assert.equal(await ended, 1);
    connection.dispose();
  });

  it("serves over IPC, and ends with its client", async () => {
    const child = fork(main, ["--node-ipc"], {
      execArgv: node,
      stdio: "ignore",
    });
    const connection = createMessageConnection(
      new IPCMessageReader(child),
      new IPCMessageWriter(child),
    );
    connection.listen();
    await connection.sendRequest("initialize", initialize);
    const ended = exitOf(child);
    child.disconnect();
    assert.equal(await ended, 1);
    connection.dispose();
  });
});
