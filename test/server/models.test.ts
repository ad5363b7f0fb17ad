import assert from "node:assert/strict";
import type { Connection } from "vscode-languageserver/node";
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
/** Bytes of a state of theirs, of 6 × 192, 12 × 768 and 24 × 2048. */
const states: Readonly<Record<string, number>> = {
  bundled: 304_128,
  "rwkv7-0.1b": 2_433_024,
  "rwkv7-1.5b": 12_976_128,
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
        const network = new FakeModel({ script: () => "" });
        Object.assign(network.emptyState, { bytes: states[name]! });
        const model: LoadedModel = {
          ...fakeLoadedModel(network, name),
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
      progress: new LoadingProgress({} as Connection, true),
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
      "weights: bundled 9 MiB; states: up to 256 MiB, which hold at most 441 of bundled (rwkv.memoryBudget)",
      "weights: bundled 9 MiB, rwkv7-0.1b 245 MiB; states: up to 256 MiB, 128 MiB a model, which hold at most 220 of bundled, 27 of rwkv7-0.1b (rwkv.memoryBudget)",
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

  it("refuses a model of which two states do not fit, alone or beside another", async () => {
    start(49);
    await assert.rejects(
      models.ready("rwkv7-1.5b", signal),
      /"rwkv7-1\.5b" needs 50 MiB for the states of its files, and rwkv\.memoryBudget is 49 MiB; raise it/,
    );
    await models.ready("bundled", signal);
    assert.deepEqual(budgets(), [49]);
    start(98);
    await models.ready("bundled", signal);
    await assert.rejects(
      models.ready("rwkv7-1.5b", signal),
      /"rwkv7-1\.5b" needs 50 MiB beside "bundled".*would have 49 MiB/,
    );
    assert.deepEqual(budgets(), [98]);
    start(98);
    await models.ready("rwkv7-1.5b", signal);
    await assert.rejects(models.ready("bundled", signal), /needs 50 MiB/);
    start(100);
    await models.ready("bundled", signal);
    await models.ready("rwkv7-1.5b", signal);
    assert.deepEqual(budgets(), [50, 50]);
  });
});
