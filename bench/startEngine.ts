import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { engineFlags, type StatusParams } from "../src/protocol";

const builtLast = join(__dirname, "..", "dist/server.js");

/**
 * A server in a process of its own, and a connection that is to be listened to.
 *
 * @param program arguments of Node that run it; not given: the server that was built last
 */
export function startEngine(program: readonly string[] = [builtLast]): {
  process: ChildProcess;
  connection: MessageConnection;
} {
  const engine = spawn(
    process.execPath,
    [...engineFlags, ...program, "--stdio"],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const connection = createMessageConnection(
    new StreamMessageReader(engine.stdout),
    new StreamMessageWriter(engine.stdin),
  );
  return { process: engine, connection };
}

/** Resolves when a server says that its model is loaded. @throws Error with the reason if it cannot be */
export function modelReady(connection: MessageConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.onNotification(
      "rwkv/status",
      ({ state, message }: StatusParams) => {
        if (state === "ready") resolve();
        if (state === "failed") reject(new Error(message));
      },
    );
  });
}
