import assert from "node:assert/strict";
import { message } from "../../src/messages";
import type { Availability, CompletionServerState } from "../../src/protocol";
import { waiting, type EngineStatus } from "../../src/client/status";
import { statusView, whereItRuns } from "../../src/client/statusView";
import { chinese } from "../support/toldInChinese";

const t = (message: string, ...values: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, index: string) =>
    String(values[Number(index)]),
  );

const on: Availability = { on: true, reason: "" };
const loading: EngineStatus = {
  state: "loading",
  message: "Reading the weights.",
  progress: 0.4,
};
const ready: EngineStatus = {
  state: "ready",
  message: "bundled, 2 ms a token",
};
const thinking: EngineStatus = { ...ready, state: "thinking" };
const failed: EngineStatus = {
  state: "failed",
  message: "model.onnx is missing; install again.",
};

describe("status bar", () => {
  it("tells every state apart by icon and by words", () => {
    const views = [
      statusView(waiting, undefined, t),
      statusView(loading, on, t),
      statusView(ready, on, t),
      statusView(ready, on, t, { phase: "indexing", done: 1, total: 4 }),
      statusView(ready, on, t, { phase: "paused", done: 1, total: 4 }),
      statusView(thinking, on, t),
      statusView(ready, { on: false, reason: "excluded" }, t),
      statusView(failed, on, t),
    ];
    // By the icon itself: shares of what is done differ in any case.
    const icons = views.map(({ text }) => /^\$\(([\w~-]+)\)/.exec(text)?.[1]);
    assert.equal(new Set(icons).size, views.length, icons.join());
    assert.equal(
      new Set(views.map(({ tooltip }) => tooltip)).size,
      views.length,
    );
    assert.deepEqual(
      views.map((view) => view.failed),
      [false, false, false, false, false, false, false, true],
    );
  });

  it("says that the model is too slow here, in the user's language", () => {
    const warning = message("model slow", "rwkv7-2.9b", "60.2");
    for (const state of [ready, thinking]) {
      const { tooltip } = statusView({ ...state, warning }, on, t);
      assert.match(tooltip, /needs 60\.2 ms\/token.*choose a smaller model/);
    }
    const { tooltip } = statusView({ ...ready, warning }, on, chinese);
    assert.match(tooltip, /rwkv7-2\.9b 在这台机器上.*太慢/);
  });

  it("shows how far indexing is, while nothing else is to be said", () => {
    const indexing = { phase: "indexing", done: 1, total: 4 } as const;
    const view = statusView(ready, on, t, indexing);
    assert.match(view.text, / 25 %$/);
    assert.match(view.tooltip, /1 of 4 files/);
    assert.doesNotMatch(statusView(thinking, on, t, indexing).text, /%/);
    const looking = { phase: "looking for files", done: 0, total: 0 } as const;
    assert.doesNotMatch(statusView(ready, on, t, looking).text, /%/);
  });

  it("says on which machine the engine runs, where it is another one", () => {
    assert.equal(whereItRuns(undefined, "here", t), "");
    assert.equal(
      whereItRuns("ssh-remote", "build7", t),
      "It runs on build7 (ssh-remote).",
    );
  });

  it("shows how far loading is, where known", () => {
    assert.match(statusView(loading, on, t).text, /40 %$/);
    assert.doesNotMatch(
      statusView({ state: "loading", message: "" }, on, t).text,
      /%/,
    );
  });

  it("says why it is off here, also in words of the engine it does not know", () => {
    assert.match(
      statusView(ready, { on: false, reason: "language off" }, t).tooltip,
      /this language/,
    );
    assert.match(
      statusView(ready, { on: false, reason: "on a holiday" as "off" }, t)
        .tooltip,
      /on a holiday/,
    );
  });

  it("says that text leaves the editor and where to, whatever goes on", () => {
    const server: CompletionServerState = {
      host: "gpu:8080",
      isPrivate: false,
      model: "qwen (llama.cpp)",
      state: "ready",
    };
    for (const status of [ready, thinking]) {
      const view = statusView({ ...status, server }, on, t);
      assert.match(view.text, /→ gpu:8080$/);
      assert.match(view.tooltip, /leaves the editor, to gpu:8080/);
      assert.match(view.tooltip, /qwen[^]*not encrypted/);
    }
    const isPrivate = { ...server, isPrivate: true };
    const view = statusView({ ...ready, server: isPrivate }, on, t);
    assert.doesNotMatch(view.tooltip, /encrypted/);
    const excluded = { on: false, reason: "excluded" } as const;
    const off = statusView({ ...ready, server }, excluded, t);
    assert.doesNotMatch(off.text, /gpu/);
  });

  it("says that the local model suggests while the server fails or is asked", () => {
    const server: CompletionServerState = {
      host: "gpu:8080",
      isPrivate: true,
      model: "",
      state: "failing",
      told: { code: "server unreachable", args: ["gpu:8080"] },
    };
    const view = statusView({ ...ready, server }, on, t);
    assert.match(view.text, /\(local\)$/);
    assert.match(view.tooltip, /gpu:8080 cannot be reached[^]*local model/);
    assert.equal(view.failed, false);
    const asking = { ...server, state: "asking" } as const;
    const asked = statusView({ ...ready, server: asking }, on, t);
    assert.match(asked.tooltip, /local model/);
  });

  it("puts a failure before everything else, with the engine's sentence", () => {
    assert.match(
      statusView(failed, { on: false, reason: "off" }, t).tooltip,
      /model\.onnx is missing/,
    );
  });
});
