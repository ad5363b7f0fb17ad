import assert from "node:assert/strict";
import { mock } from "node:test";
import {
  setImmediate as turn,
  setTimeout as sleep,
} from "node:timers/promises";
import { TextDocument } from "vscode-languageserver-textdocument";
import {
  defaultSettings,
  type DocumentState,
  type ReadAhead,
} from "../../../src/protocol";
import { ReadAhead as Reader } from "../../../src/server/features/readAhead";
import { ServerProcess, type StartOptions } from "../../support/serverProcess";

const uri = "file:///work/main.ts";
const long = Array.from(
  { length: 300 },
  (_, i) => `const answer${i} = ${42 * i};\n`,
).join("");

describe("reading ahead", () => {
  let server: ServerProcess;

  async function start(
    readAhead: ReadAhead = "always",
    options: Partial<StartOptions> = {},
  ): Promise<void> {
    server = await ServerProcess.start({
      texts: [`${long}const answer = 42;\n`],
      initializationOptions: { settings: { readAhead } },
      ...options,
    });
  }

  /** The number of runs once it has not changed for half a second. */
  async function settledRuns(): Promise<number> {
    for (let before = -1; ;) {
      const { runs } = await server.figures();
      if (runs === before) return runs;
      before = runs;
      await sleep(500);
    }
  }

  const state = () =>
    server.connection.sendRequest<DocumentState>("rwkv/state", {
      textDocument: { uri },
    });

  afterEach(() => server.stop());

  it("reads a document that was opened, so that the first request finds its state", async () => {
    await start();
    await server.open(uri, `${long}const █`);
    await server.ready();
    const read = await settledRuns();
    assert.ok(read > 10, `${read} runs before anything was asked`);
    assert.equal(
      await server.suggestion(uri, `${long}const █`),
      "answer = 42;",
    );
    const { last, checkpoints, reason } = await state();
    assert.equal(reason, "");
    assert.ok(checkpoints > 0);
    assert.equal(last?.exact, true);
    assert.equal(last?.from, "checkpoint");
    assert.ok(last.run <= 64, `${last.run} tokens`);
  });

  it("reads nothing when it may not, and says what a window stood for", async () => {
    await start("never");
    await server.open(uri, `${long}const █`);
    await server.ready();
    assert.equal(await settledRuns(), 0);
    await server.suggestion(uri, `${long}const █`);
    const { last, approximate } = await state();
    assert.equal(last?.exact, false);
    assert.equal(last?.from, "window");
    assert.equal(last?.run, 512);
    assert.ok(approximate > 0);
  });

  it("stops at once for a keystroke, and goes on afterwards", async () => {
    await start("always", { stepMs: 15 });
    await server.open(uri, `${long}const █`);
    await server.ready();
    for (let runs = 0; runs < 3;) ({ runs } = await server.figures());
    await server.edit(uri, `${long}const a█`);
    // Were it still reading, a run would lie between two answers.
    const { runs } = await server.figures();
    await server.figures();
    assert.equal((await server.figures()).runs, runs);
    assert.ok((await settledRuns()) > runs + 10);
  });

  it("reads to the cursors of what is in sight, and no further after an edit", async () => {
    await start();
    const show = (line: number) =>
      server.connection.sendNotification("rwkv/visibleDocuments", {
        documents: [{ uri, position: { line, character: 0 } }],
      });
    await show(10);
    await server.open(uri, `${long}█`);
    await server.ready();
    const whole = await settledRuns();
    await server.edit(uri, `x█${long}`);
    await show(20);
    const again = (await settledRuns()) - whole;
    assert.ok(again > 0 && again < whole / 4, `${again} runs of ${whole}`);
  });

  it("reads what stands behind the cursor, again where it has gone to another line", async () => {
    await start("always", { vectors: true });
    const show = (line: number) =>
      server.connection.sendNotification("rwkv/visibleDocuments", {
        documents: [{ uri, position: { line, character: 3 } }],
      });
    const runsAt = async (line: number) => {
      const { runs } = await server.figures();
      await show(line);
      return (await settledRuns()) - runs;
    };
    await show(10);
    await server.open(uri, long);
    await server.ready();
    await settledRuns();
    const runs = [];
    // Nothing stands behind the last line.
    for (const line of [10, 20, 20, 10, 300]) runs.push(await runsAt(line));
    // Up to the cursor there are few from the nearest state.
    const isMuch = runs.map((count) => count > 40);
    assert.deepEqual(isMuch, [false, true, false, false, false]);
  });

  it("reads nothing again while nothing changes, however many documents are in sight", async () => {
    await start("always", { vectors: true });
    const uris = Array.from({ length: 20 }, (_, i) => `file:///work/${i}.ts`);
    const show = () =>
      server.connection.sendNotification("rwkv/visibleDocuments", {
        documents: uris.map((each) => ({
          uri: each,
          position: { line: 0, character: 0 },
        })),
      });
    await show();
    for (const [i, each] of uris.entries())
      await server.open(each, `let a;\nlet b${i};\n${"f(x);\n".repeat(40)}`);
    await server.ready();
    const runs = await settledRuns();
    assert.ok(runs > 0);
    await show();
    assert.equal(await settledRuns(), runs);
  });

  it("indexes all of a long document once it is no longer visible", async () => {
    await start();
    const other = "file:///work/other.ts";
    const show = (visible: string) =>
      server.connection.sendNotification("rwkv/visibleDocuments", {
        documents: [{ uri: visible, position: { line: 0, character: 0 } }],
      });
    await show(uri);
    // Some 85 thousand characters, of which an index has 32 behind a cursor.
    await server.open(uri, long.repeat(12));
    await server.open(other, "let a;\n");
    await server.ready();
    await settledRuns();
    const { bytes } = await state();
    await show(other);
    await settledRuns();
    const hidden = (await state()).bytes - bytes;
    assert.ok(hidden > 100_000, `${hidden} bytes more`);
  });

  it("stops when the document is closed, and keeps nothing of it", async () => {
    await start("always", { stepMs: 10 });
    await server.open(uri, long);
    await server.ready();
    for (let runs = 0; runs < 3;) ({ runs } = await server.figures());
    await server.close(uri);
    const { runs } = await server.figures();
    await server.figures();
    assert.equal((await server.figures()).runs, runs);
    assert.equal(await settledRuns(), runs);
  });

  it("keeps nothing of a document that is excluded while it is read", async () => {
    let exclude: string[] = [];
    await start("always", {
      stepMs: 5,
      configuration: () => ({ exclude }),
    });
    await server.open(uri, long);
    await server.ready();
    for (let runs = 0; runs < 3;) ({ runs } = await server.figures());
    exclude = ["main.ts"];
    await server.connection.sendNotification(
      "workspace/didChangeConfiguration",
      { settings: null },
    );
    const { runs } = await server.figures();
    assert.equal(await settledRuns(), runs);
    exclude = [];
    // Nothing is read in this document before the state is asked for.
    const other = "file:///work/other.ts";
    await server.open(other, "x");
    assert.equal((await state()).reason, "excluded");
  });

  it("never reads what is excluded", async () => {
    await start();
    const secret = "file:///work/.env";
    await server.open(secret, "SECRET=1\n".repeat(300), "plaintext");
    await server.open(uri, "█");
    await server.suggestion(uri, "█");
    await server.ready();
    await sleep(500);
    const { reason, bytes } =
      await server.connection.sendRequest<DocumentState>("rwkv/state", {
        textDocument: { uri: secret },
      });
    assert.equal(reason, "excluded");
    assert.equal(bytes, 0);
  });
});

describe("reading ahead without anything to read", () => {
  let unloads: number;
  let loads: number;
  let open: object[];
  let reader: Reader;
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    unloads = 0;
    loads = 0;
    open = [];
    const settings = { ...defaultSettings, readAhead: "always" };
    const session = {
      documents: { all: () => open, get: () => open[0], others: () => [] },
      notebooks: { keyOf: (key: string) => key, textBefore: () => "" },
      settings: { revision: 1, get: () => Promise.resolve(settings) },
      folders: [],
      runner: { isIdle: true },
      models: {
        get: () => {
          loads++;
          return "model loading";
        },
        ifLoaded: () => undefined,
      },
      project: { indexed: () => Promise.resolve() },
    };
    const unloading = { later: () => unloads++, stop: () => undefined };
    reader = new Reader(
      session as unknown as ConstructorParameters<typeof Reader>[0],
      {} as ConstructorParameters<typeof Reader>[1],
      unloading,
    );
  });
  afterEach(() => mock.timers.reset());
  const pass = async () => {
    mock.timers.tick(1000);
    for (let i = 0; i < 50; i++) await turn();
  };

  it("lets models be unloaded", async () => {
    reader.show({ documents: [] });
    await pass();
    assert.equal(unloads, 1);
  });

  it("loads no model for what stands behind a cursor", async () => {
    const document = TextDocument.create("untitled:a", "python", 1, "x\ny\n");
    open = [{ document, isOutOfStep: false, decide: () => undefined }];
    reader.later();
    await pass();
    // The document itself has not been read yet.
    assert.equal(loads, 1);
  });
});
