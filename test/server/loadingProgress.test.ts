import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Connection } from "vscode-languageserver/node";
import { translationFor } from "../../src/server/language";
import { LoadingProgress } from "../../src/server/loadingProgress";

describe("the progress of a model that is loaded", () => {
  let told: string[];

  beforeEach(() => {
    told = [];
    mock.timers.enable({ apis: ["setTimeout"] });
  });

  afterEach(() => mock.timers.reset());

  const start = (isNotified: boolean, locale = "en") => {
    const reporter = {
      begin: (title: string) => told.push(title),
      report: (percent: number) => told.push(`${percent} %`),
      done: () => told.push("done"),
    };
    const createWorkDoneProgress = () => Promise.resolve(reporter);
    const connection = { window: { createWorkDoneProgress } };
    return new LoadingProgress(
      connection as unknown as Connection,
      isNotified,
      translationFor(locale),
    ).begin("large");
  };

  it("is shown by a client that knows nothing else of it", async () => {
    const progress = start(false);
    mock.timers.tick(10_000);
    await turn();
    progress.report(0.5);
    progress.end();
    assert.deepEqual(told, ["Loading the model large.", "50 %", "done"]);
  });

  it("is worded in the client's language", async () => {
    const progress = start(false, "zh-cn");
    mock.timers.tick(10_000);
    await turn();
    progress.end();
    assert.deepEqual(told, ["正在加载模型 large。", "done"]);
  });

  it("is not shown where it is over in a moment", async () => {
    const progress = start(false);
    progress.end();
    mock.timers.tick(10_000);
    await turn();
    assert.deepEqual(told, []);
  });

  it("is left to a client that words our status itself", async () => {
    const progress = start(true);
    mock.timers.tick(10_000);
    await turn();
    progress.report(0.5);
    progress.end();
    assert.deepEqual(told, []);
  });
});
