import { PassThrough } from "node:stream";
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import { createServerConnection } from "../../src/server/connection";
import { createServer } from "../../src/server/server";
import type { LoadModel } from "../../src/server/models";

/** A client's connection to a server, and the stream that it writes to. */
export interface ClientEnd {
  readonly connection: MessageConnection;
  readonly stream: NodeJS.WritableStream;
}

/** The server in this process, at the other end of two streams. */
export function memoryServer(load: LoadModel): ClientEnd {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const server = createServerConnection([
    new StreamMessageReader(toServer),
    new StreamMessageWriter(toClient),
  ]);
  createServer(server, { version: "0", load, bundledModel: "/bundled" });
  server.listen();
  const connection = createMessageConnection(
    new StreamMessageReader(toClient),
    new StreamMessageWriter(toServer),
  );
  return { connection, stream: toServer };
}
