import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import type { InlineCompletionList } from "vscode-languageserver-protocol";
import { ProjectFolder } from "../project/projectFolder";
import type {
  DocumentState,
  GenerateResult,
  StatusParams,
} from "../../src/protocol";

/** The real server with the bundled model, spoken to by a client that no part of VS Code wrote. */
describe("rwkv-language-server --stdio", () => {
  let serverProcess: ChildProcess | undefined;
  afterEach(() => serverProcess?.kill());

  /** An initialised server, and the status message that says the model is ready. */
  async function start(
    rootUri = "file:///work",
    exclude: readonly string[] = [],
  ): Promise<{
    server: ChildProcess;
    connection: MessageConnection;
    ready: Promise<string>;
  }> {
    const entry = join(__dirname, "../../src/server/main.ts");
    const server = spawn(process.execPath, ["-r", "tsx/cjs", entry, "--stdio"]);
    serverProcess = server;
    const connection = createMessageConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    const ready = new Promise<string>((resolve, reject) => {
      connection.onNotification("rwkv/status", (status: StatusParams) => {
        if (status.state === "ready") resolve(status.message);
        if (status.state === "failed") reject(new Error(status.message));
      });
    });
    connection.listen();
    const initialized: { serverInfo: { name: string } } =
      await connection.sendRequest("initialize", {
        processId: process.pid,
        rootUri,
        capabilities: {},
        initializationOptions: {
          notifications: true,
          settings: { timeBudget: 10_000, exclude },
        },
      });
    assert.equal(initialized.serverInfo.name, "rwkv-language-server");
    await connection.sendNotification("initialized", {});
    return { server, connection, ready };
  }

  it("completes with the bundled model for a plain LSP client", async () => {
    const { server, connection, ready } = await start();
    const uri = "file:///work/loop.ts";
    const text = "const table = {};\nfor (const key of Object.ke";
    await connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "typescript", version: 1, text },
    });
    assert.match(await ready, /RWKV-7/);

    const place = {
      textDocument: { uri },
      position: { line: 1, character: 27 },
    };
    const list: InlineCompletionList = await connection.sendRequest(
      "textDocument/inlineCompletion",
      { ...place, context: { triggerKind: 1 } },
    );
    // By hand there are alternatives, each another text.
    const texts = list.items.map(({ insertText }) => insertText as string);
    assert.match(texts[0]!, /^ys\(/);
    assert.ok(texts.length > 1);
    assert.equal(new Set(texts).size, texts.length);

    const pieces: string[] = [];
    connection.onNotification("$/progress", ({ value }: { value: string }) => {
      pieces.push(value);
    });
    const result: GenerateResult = await connection.sendRequest(
      "rwkv/generate",
      { ...place, partialResultToken: "pieces" },
    );
    assert.ok(result.tokens > 0);
    assert.equal(pieces.join(""), result.text);

    await connection.sendRequest("shutdown");
    await connection.sendNotification("exit");
    const [code] = (await once(server, "exit")) as [number];
    assert.equal(code, 0);
    connection.dispose();
  });

  it("completes a name that only another open document has", async () => {
    const { connection, ready } = await start();
    const open = (uri: string, text: string) =>
      connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId: "typescript", version: 1, text },
      });
    const uri = "file:///work/report.ts";
    const call = 'import * from "./ledger";\n\nconst closed = reconcileQuar';
    const suggested = async () => {
      const { items }: InlineCompletionList = await connection.sendRequest(
        "textDocument/inlineCompletion",
        {
          textDocument: { uri },
          position: {
            line: 2,
            character: "const closed = reconcileQuar".length,
          },
          context: { triggerKind: 1 },
        },
      );
      return (items[0]?.insertText as string | undefined) ?? "";
    };
    await open(uri, call);
    await ready;
    assert.doesNotMatch(await suggested(), /^terlyLedgers/);

    const tab = "file:///work/ledger.ts";
    await open(
      tab,
      "/** Closes the books. */\nexport function reconcileQuarterlyLedgers(books: Book[]) {\n  return books.every((book) => book.closed);\n}\n",
    );
    // The other document is read while nothing is asked.
    for (let read = 0; read === 0;) {
      const state: DocumentState = await connection.sendRequest("rwkv/state", {
        textDocument: { uri: tab },
      });
      read = state.bytes;
    }
    // What was shown stays as it is, until the document is opened anew.
    await connection.sendNotification("textDocument/didClose", {
      textDocument: { uri },
    });
    await open(uri, call);
    assert.match(await suggested(), /^terlyLedgers/);
    connection.dispose();
  });

  it("compares with the closed files near by, once they are read, and not with an excluded one", async () => {
    const folder = new ProjectFolder();
    folder.write("w/.env", "PASSWORD=1");
    for (const name of ["first", "second", "third"])
      folder.write(`w/${name}.ts`, `export const ${name} = () => "${name}";\n`);
    const root = pathToFileURL(folder.at("w")).href;
    const { connection, ready } = await start(root, ["**/third.ts"]);
    const uri = `${root}/report.ts`;
    await connection.sendNotification("textDocument/didOpen", {
      textDocument: {
        uri,
        languageId: "typescript",
        version: 1,
        text: "export const report = ",
      },
    });
    await ready;
    const state = () =>
      connection.sendRequest<DocumentState>("rwkv/state", {
        textDocument: { uri },
      });
    let known = await state();
    while (known.reason !== "" || known.comparedWith < 2) {
      await sleep(20);
      known = await state();
    }
    // Nothing more comes when all is done.
    await sleep(500);
    assert.equal((await state()).comparedWith, 2);
    connection.dispose();
    folder.remove();
  });
});
