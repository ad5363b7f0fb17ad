import assert from "node:assert/strict";
import type { LogOutputChannel } from "vscode";
import type { EngineClient } from "../../src/client/engineClient";
import type * as states from "../../src/client/states";
import type { Availability, DocumentState } from "../../src/protocol";
import { FakeEditor, textEditor } from "./support/fakeVscode";

const state: DocumentState = {
  reason: "",
  model: "bundled",
  tokens: 700,
  checkpoints: 3,
  approximate: 0,
  bytes: 1,
  usedBytes: 2,
  budget: 3,
  stateBytes: 4,
  savedBytes: 5,
  comparedWith: 0,
};

describe("the commands of states", () => {
  let editor: FakeEditor;
  let command: states.States;
  let answer: () => Promise<DocumentState>;
  let here: Availability;
  let freed: number;
  let starts: number;
  let shownLog: number;

  beforeEach(() => {
    editor = new FakeEditor();
    editor.activeTextEditor = textEditor("/work/loop.ts");
    answer = () => Promise.resolve(state);
    here = { on: true, reason: "" };
    freed = 0;
    starts = 0;
    shownLog = 0;
    const { States } = editor.load<typeof states>("states");
    const client = {
      state: () => answer(),
      clearStates: () => Promise.resolve({ bytes: freed }),
    } as unknown as EngineClient;
    command = new States(
      { ready: () => Promise.resolve(client).finally(() => starts++) },
      { of: () => here },
      {
        info: () => {},
        error: () => {},
        show: () => shownLog++,
      } as unknown as LogOutputChannel,
    );
  });

  const texts = () => editor.asked.map(({ kind, text }) => `${kind}: ${text}`);

  it("shows the figures of the active file", async () => {
    await command.show();
    assert.deepEqual(texts(), ["info: RWKV state of loop.ts"]);
    const [{ modal, detail }] = editor.asked[0]?.rest as [
      { modal: boolean; detail: string },
    ];
    assert.equal(modal, true);
    assert.match(detail, /^Model: bundled\nTokens: 700\n/);
  });

  it("says in a sentence why there is nothing, without an engine where that is known here", async () => {
    here = { on: false, reason: "excluded" };
    await command.show();
    editor.activeTextEditor = undefined;
    await command.show();
    assert.equal(starts, 0);
    assert.deepEqual(texts(), [
      "info: RWKV has no state of this file: the file matches rwkv.exclude.",
      "info: RWKV has no state of this file: this is not a document that one writes.",
    ]);
  });

  it("says in a sentence why the engine knows nothing", async () => {
    answer = () => Promise.resolve({ ...state, reason: "model loading" });
    await command.show();
    answer = () => Promise.resolve({ ...state, reason: "nothing read" });
    await command.show();
    assert.deepEqual(texts(), [
      "info: RWKV has no state of this file: the model is loading.",
      "info: RWKV has no state of this file: nothing of it was read yet.",
    ]);
  });

  it("tells a failure, with the log at hand", async () => {
    answer = () => Promise.reject(new Error("the engine was stopped"));
    editor.answer = () => "Show Log";
    await command.show();
    await Promise.resolve();
    assert.deepEqual(texts(), [
      "error: RWKV could not tell its state: the engine was stopped.",
    ]);
    assert.equal(shownLog, 1);
  });

  it("deletes saved states, starting an engine for it, and tells their size", async () => {
    freed = 3 * 1024 * 1024;
    await command.clearSaved();
    freed = 0;
    await command.clearSaved();
    assert.equal(starts, 2);
    assert.deepEqual(texts(), [
      "info: RWKV deleted its saved states of this workspace: 3 MiB.",
      "info: RWKV has no saved states of this workspace.",
    ]);
  });
});
