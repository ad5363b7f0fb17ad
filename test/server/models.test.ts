import assert from "node:assert/strict";
import type { Connection } from "vscode-languageserver/node";
import { english } from "../../src/messages";
import { fakeLoadedModel, FakeModel } from "../support/fakeModel";
import type { LoadedModel } from "../../src/runtime/loadedModel";
import { LoadingProgress } from "../../src/server/loadingProgress";
import { Models } from "../../src/server/models";
import { Status } from "../../src/server/status";

const mib = 1024 * 1024;
/** Bytes of the bundled model's weights, and of the official RWKV-7 0.1B's in 8 bits. */
const weights: Readonly<Record<string, number>> = {
  bundled: 9 * mib,
  "rwkv7-0.1b": 245 * mib,
  "rwkv7-1.5b": 1700 * mib,
};
const signal = new AbortController().signal;

describe("models side by side", () => {
  let models: Models;
  let failures: string[];
  let texts: string[];

  const start = (budget: number) => {
    failures = [];
    texts = [];
    models = new Models({
      load: (folder, { memoryBudget }) => {
        const name = folder.split(/[\\/]/).at(-1)!;
        const model: LoadedModel = {
          ...fakeLoadedModel(new FakeModel({ script: () => "" }), name),
          weightBytes: weights[name]!,
        };
        model.runtime.budgetBytes = memoryBudget;
        return Promise.resolve(model);
      },
      threads: 1,
      memoryBudget: budget * mib,
      bundledModel: "/extension/bundled",
      modelsPath: "/models",
      statesPath: "",
      status: new Status(() => undefined),
      progress: new LoadingProgress({} as Connection, true, english),
      onFailure: (message) => failures.push(message),
      onLoaded: () => texts.push(models.memoryText()),
    });
  };
  const budgets = () =>
    models.loaded().map(({ runtime }) => runtime.budgetBytes / mib);

  for (const names of [
    ["bundled", "rwkv7-0.1b"],
    ["rwkv7-0.1b", "bundled"],
  ]) {
    it(`has room for ${names.join(" and then ")} at the default budget`, async () => {
      start(256);
      for (const name of names) await models.ready(name, signal);
      assert.deepEqual(failures, []);
      assert.deepEqual(budgets(), [128, 128]);
    });
  }

  it("shares the budget for states in equal parts, whatever the weights and the order", async () => {
    start(300);
    await models.ready("rwkv7-1.5b", signal);
    assert.deepEqual(budgets(), [300]);
    await models.ready("bundled", signal);
    await models.ready("rwkv7-0.1b", signal);
    assert.deepEqual(budgets(), [100, 100, 100]);
    await models.retain(new Set(["bundled", "rwkv7-0.1b"]));
    assert.deepEqual(budgets(), [150, 150]);
    await models.retain(new Set());
    assert.deepEqual(budgets(), []);
  });

  it("says what the memory goes to", async () => {
    start(256);
    await models.ready("bundled", signal);
    await models.ready("rwkv7-0.1b", signal);
    assert.deepEqual(texts, [
      "weights: bundled 9 MiB; states: up to 256 MiB (rwkv.memoryBudget)",
      "weights: bundled 9 MiB, rwkv7-0.1b 245 MiB; states: up to 256 MiB, 128 MiB a model (rwkv.memoryBudget)",
    ]);
  });

  it("refuses a model that would leave too little for states, and says how much there is", async () => {
    start(30);
    await models.ready("bundled", signal);
    await assert.rejects(
      models.ready("rwkv7-0.1b", signal),
      /"rwkv7-0\.1b" needs 16 MiB beside "bundled" for the states of its files, and of rwkv\.memoryBudget \(30 MiB\) each would have 15 MiB; raise it, or use one model everywhere/,
    );
    assert.equal(failures.length, 1);
    assert.deepEqual(budgets(), [30]);
  });
});
