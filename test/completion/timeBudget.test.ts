import assert from "node:assert/strict";
import { timeBudgetOf } from "../../src/completion/timeBudget";

describe("time budget", () => {
  it("is the one that is set", () => {
    assert.equal(timeBudgetOf(20, 8, 10), 20);
    assert.equal(timeBudgetOf(10_000, 1, 200), 10_000);
  });

  it("goes by the speed of the model, until the request has to be answered", () => {
    const auto = (msPerToken: number, spentMs: number) =>
      timeBudgetOf("auto", msPerToken, spentMs);
    const speeds = [0, 1.5, 5, 6, 8, 50];
    assert.deepEqual(
      speeds.map((msPerToken) => auto(msPerToken, 10)),
      [40, 40, 40, 48, 64, 75],
    );
    assert.deepEqual(
      [0, 20, 30, 60, 500].map((spentMs) => auto(8, spentMs)),
      [64, 64, 55, 40, 40],
    );
  });
});
