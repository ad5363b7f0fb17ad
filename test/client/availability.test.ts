import assert from "node:assert/strict";
import { mock } from "node:test";
import type * as availability from "../../src/client/availability";
import type { Supervisor } from "../../src/client/supervisor";
import type { Availability as Answer } from "../../src/protocol";
import { FakeEditor, FakeEvent, textEditor } from "./support/fakeVscode";

const on: Answer = { on: true, reason: "" };
const excluded: Answer = { on: false, reason: "excluded" };
/** Promises that are due have had their turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("availability", () => {
  let editor: FakeEditor;
  let status: FakeEvent<{ state: string }>;
  /** Paths the engine was asked about, and how it answers. */
  let asked: string[];
  let answer: () => Promise<Answer>;
  let isRunning: boolean;
  let changes: number;
  let known: availability.Availability;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    editor = new FakeEditor();
    status = new FakeEvent();
    asked = [];
    answer = () => Promise.resolve(excluded);
    isRunning = true;
    changes = 0;
    const client = {
      availability: ({ uri }: { uri: { path: string } }) => {
        asked.push(uri.path);
        return answer();
      },
    };
    const { Availability } = editor.load<typeof availability>("availability");
    known = new Availability({
      onDidChangeStatus: status.event,
      get client() {
        return isRunning ? client : undefined;
      },
    } as unknown as Supervisor);
    known.onDidChange(() => changes++);
  });
  afterEach(() => {
    known.dispose();
    mock.timers.reset();
  });

  /** Brings a document to the front. */
  async function show(path: string) {
    editor.activeTextEditor = textEditor(path);
    editor.changed.fire();
    await settled();
    return editor.activeTextEditor.document;
  }
  const of = (document: object) => known.of(document as never);
  const changeSettings = (section = "rwkv") =>
    editor.configurationChanged.fire({
      affectsConfiguration: (name) => name === section,
    });

  it("asks the engine when a document comes to the front, and keeps its answer", async () => {
    const document = await show("/a.ts");
    assert.deepEqual(of(document), excluded);
    assert.deepEqual(of(textEditor("/b.ts").document), on);
    assert.deepEqual(asked, ["/a.ts"]);
    assert.equal(changes, 2);
  });

  it("asks nothing where the switches say no already", async () => {
    editor.settings.set("enable", false);
    const document = await show("/a.ts");
    assert.deepEqual(of(document), { on: false, reason: "off" });
    editor.settings.set("enable", true);
    editor.settings.set("languages", { typescript: false });
    assert.equal(of(document).reason, "language off");
    assert.deepEqual(asked, []);
  });

  it("knows documents that nobody writes", () => {
    const output = { uri: { scheme: "output" }, languageId: "log" };
    assert.equal(of(output).reason, "unsupported document");
  });

  it("asks again 100 ms after the settings have changed, for the answers before are of no use", async () => {
    const document = await show("/a.ts");
    answer = () => Promise.resolve(on);
    changeSettings("editor");
    assert.deepEqual(of(document), excluded);
    changeSettings();
    assert.deepEqual(of(document), on);
    assert.equal(asked.length, 1);
    mock.timers.tick(99);
    changeSettings();
    mock.timers.tick(99);
    assert.equal(asked.length, 1);
    mock.timers.tick(1);
    assert.equal(asked.length, 2);
  });

  it("takes no answer from before a change of settings, nor for a closed document", async () => {
    let resolve: (answer: Answer) => void = () => {};
    answer = () => new Promise((done) => (resolve = done));
    const document = await show("/a.ts");
    changeSettings();
    resolve(excluded);
    await settled();
    assert.deepEqual(of(document), on);

    const closed = await show("/b.ts");
    Object.assign(closed, { isClosed: true });
    resolve(excluded);
    await settled();
    assert.deepEqual(of(closed), on);
  });

  it("forgets a document that is closed", async () => {
    const document = await show("/a.ts");
    editor.documentClosed.fire(document);
    assert.deepEqual(of(document), on);
  });

  it("asks for a document in front that is opened again, in another language perhaps", async () => {
    const document = await show("/a.ts");
    editor.documentOpened.fire(textEditor("/b.ts").document);
    assert.equal(asked.length, 1);
    editor.documentClosed.fire(document);
    editor.documentOpened.fire(document);
    assert.equal(asked.length, 2);
  });

  it("asks an engine that has started anew", async () => {
    isRunning = false;
    await show("/a.ts");
    assert.deepEqual(asked, []);
    isRunning = true;
    status.fire({ state: "ready" });
    await settled();
    assert.deepEqual(asked, ["/a.ts"]);
    status.fire({ state: "ready" });
    await settled();
    assert.equal(asked.length, 1);
    status.fire({ state: "loading" });
    status.fire({ state: "ready" });
    await settled();
    assert.equal(asked.length, 2);
  });

  it("goes on without an answer", async () => {
    answer = () => Promise.reject(new Error("the engine ended"));
    const document = await show("/a.ts");
    assert.deepEqual(of(document), on);
    assert.equal(changes, 2);
  });
});
