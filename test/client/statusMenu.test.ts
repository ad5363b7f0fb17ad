import assert from "node:assert/strict";
import type { QuickPickItem } from "vscode";
import type * as languageStatusModule from "../../src/client/languageStatus";
import type * as menuModule from "../../src/client/statusMenu";
import type { EngineStatus } from "../../src/client/status";
import type { CompletionEvent } from "../../src/client/suggestions";
import type { Availability, IndexingParams } from "../../src/protocol";
import { FakeEditor, FakeEvent, textEditor } from "./support/fakeVscode";

type Entry = QuickPickItem & { command: string; argument?: string };

const timings = {
  prefillTokens: 0,
  prefillMs: 0,
  decodeTokens: 0,
  decodeMs: 0,
};

describe("the status menu and the language status", () => {
  let editor: FakeEditor;
  let status: EngineStatus;
  let here: Availability;
  let last: CompletionEvent | undefined;
  let phase: IndexingParams["phase"];
  const changed = new FakeEvent();
  const availability = { of: () => here, onDidChange: changed.event };
  const lastAnswer = { of: () => last, onDidChange: changed.event };

  beforeEach(() => {
    editor = new FakeEditor();
    editor.activeTextEditor = textEditor("/work/a.ts");
    status = { state: "ready", message: "bundled" };
    here = { on: true, reason: "" };
    last = undefined;
    phase = "idle";
  });

  const event = (reason: CompletionEvent["reason"]): CompletionEvent => ({
    kind: "inline completion",
    id: 1,
    place: "",
    reason,
    ms: 7.4,
    timings,
  });

  async function entries(choose?: string): Promise<Entry[]> {
    let shown: Entry[] = [];
    editor.answer = ({ rest }) => {
      shown = rest[0] as Entry[];
      return shown.find(({ label }) => label.includes(choose ?? "\0"));
    };
    const { showStatusMenu } = editor.load<typeof menuModule>("statusMenu");
    await showStatusMenu({ status }, availability, lastAnswer, {
      progress: { phase, done: 1, total: 9 },
    });
    return shown;
  }

  it("says why the last request brought nothing, and opens what may help", async () => {
    last = event("not sure enough");
    const [first] = await entries("Why no suggestion");
    assert.equal(
      first?.detail,
      "No suggestion: no suggestion was sure enough to be shown.",
    );
    assert.deepEqual(editor.commands, [
      ["workbench.action.openSettings", "rwkv.suggestions"],
    ]);
  });

  it("pauses indexing and goes on with it", async () => {
    for (const [now, entry, command] of [
      ["indexing", "Pause indexing", "rwkv.pauseIndexing"],
      ["paused", "Go on indexing", "rwkv.resumeIndexing"],
    ] as const) {
      phase = now;
      await entries(entry);
      assert.deepEqual(editor.commands.at(-1), [command]);
    }
    phase = "idle";
    const labels = (await entries()).map(({ label }) => label);
    assert.ok(labels.length > 0);
    assert.ok(labels.every((label) => !label.includes("indexing")));
  });

  it("explains a suggestion, and nothing before any request", async () => {
    for (const [answer, first] of [
      [undefined, "rwkv.trigger"],
      [event("typed through"), "rwkv.explain"],
    ] as const) {
      last = answer;
      const shown = await entries();
      assert.equal(shown[0]?.command, first);
    }
  });

  it("offers the setting that excludes a file", async () => {
    here = { on: false, reason: "excluded" };
    const [first] = await entries();
    assert.equal(first?.argument, "rwkv.exclude");
  });

  it("offers a restart first after a failure", async () => {
    status = { state: "failed", message: "" };
    assert.equal((await entries())[0]?.command, "rwkv.restart");
  });

  it("are worded alike in the language status", () => {
    const { LanguageStatus } =
      editor.load<typeof languageStatusModule>("languageStatus");
    const engine = {
      get status() {
        return status;
      },
      onDidChangeStatus: changed.event as never,
    };
    const details = ["generated", "deletion"].map((reason) => {
      last = event(reason as CompletionEvent["reason"]);
      new LanguageStatus(engine, availability, lastAnswer).dispose();
      return editor.languageStatus.at(-1)?.["detail"];
    });
    assert.deepEqual(details, [
      "The last suggestion took 7 ms.",
      "No suggestion: text was deleted; the next key asks again.",
    ]);
    status = {
      state: "failed",
      message: "English",
      told: { code: "model not loaded", args: ["x"] },
    };
    new LanguageStatus(engine, availability, lastAnswer).dispose();
    assert.match(
      String(editor.languageStatus.at(-1)?.["detail"]),
      /RWKV has failed\. the model could not be loaded: x/,
    );
  });
});
