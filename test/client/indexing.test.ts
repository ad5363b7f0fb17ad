import assert from "node:assert/strict";
import type { EngineStatus } from "../../src/client/status";
import type * as module from "../../src/client/indexing";
import { FakeEditor, FakeEvent } from "./support/fakeVscode";

describe("indexing in the client", () => {
  let editor: FakeEditor;
  let paused: boolean[];
  let hasEngine: boolean;
  let status: FakeEvent<EngineStatus>;
  let indexing: module.Indexing;
  let changes: number;

  beforeEach(() => {
    editor = new FakeEditor();
    paused = [];
    hasEngine = true;
    changes = 0;
    status = new FakeEvent();
    const { Indexing } = editor.load<typeof module>("indexing");
    const client = {
      pauseIndexing: (isPaused: boolean) =>
        Promise.resolve(paused.push(isPaused)),
    };
    indexing = new Indexing({
      get client() {
        return hasEngine ? client : undefined;
      },
      onDidChangeStatus: status.event,
    } as unknown as ConstructorParameters<typeof module.Indexing>[0]);
    indexing.onDidChange(() => changes++);
  });
  afterEach(() => indexing.dispose());

  it("is what the engine says, and the palette follows its phase", () => {
    for (const phase of [
      "looking for files",
      "indexing",
      "indexing",
      "paused",
    ] as const)
      indexing.update({ phase, done: 1, total: 2 });
    assert.deepEqual(indexing.progress, { phase: "paused", done: 1, total: 2 });
    assert.equal(changes, 4);
    assert.deepEqual(
      editor.commands.map(([, , value]) => value),
      ["running", "running", "paused"],
    );
  });

  it("is idle where the engine starts again", () => {
    indexing.update({ phase: "indexing", done: 1, total: 2 });
    status.fire({ state: "thinking", message: "" });
    assert.equal(indexing.progress.phase, "indexing");
    status.fire({ state: "loading", message: "" });
    assert.equal(indexing.progress.phase, "idle");
  });

  it("is paused and resumed where there is an engine", async () => {
    await indexing.pause(true);
    await indexing.pause(false);
    assert.deepEqual(paused, [true, false]);
    hasEngine = false;
    await indexing.pause(true);
    assert.equal(paused.length, 2);
  });
});
