import assert from "node:assert/strict";
import { timeBudgetOf, unlimited } from "../../src/completion/timeBudget";
import { FakeClock } from "../support/fakeClock";

describe("time budget", () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });
  afterEach(() => clock.restore());

  /** Of a request on which some time was spent, with a model whose runs all take as long. */
  const budgetOf = (
    limit: Parameters<typeof timeBudgetOf>[0],
    msPerToken: number,
    spentMs: number,
    fastestMsPerToken = msPerToken,
  ) =>
    timeBudgetOf(
      limit,
      { msPerToken, fastestMsPerToken },
      performance.now() - spentMs,
    );

  it("is the one that is set", () => {
    assert.equal(budgetOf(20, 8, 10).generationMs(), 20);
    assert.equal(budgetOf(10_000, 1, 200).generationMs(2), 10_000);
    assert.equal(unlimited.generationMs(), Infinity);
  });

  it("goes by the speed of the model, until the request has to be answered", () => {
    const auto = (msPerToken: number, spentMs: number, runsBehind = 0) =>
      budgetOf("auto", msPerToken, spentMs).generationMs(runsBehind);
    const speeds = [0, 1.5, 5, 6, 8, 10, 50];
    assert.deepEqual(
      speeds.map((msPerToken) => auto(msPerToken, 10)),
      [25, 25, 40, 48, 64, 65, 25],
    );
    // A token that begins in time, and what comes behind it, ends in time as well.
    assert.deepEqual(
      [0, 20, 30, 60, 500].map((spentMs) => auto(8, spentMs)),
      [64, 57, 47, 17, 0],
    );
    assert.equal(auto(8, 30, 2), 31);
    assert.equal(budgetOf("auto", 8, 30).midLine.generationMs(), 31);
    assert.equal(auto(1.5, 500, 2), 25);
  });

  it("affords of a slow model what there is time for", () => {
    const budget = budgetOf("auto", 10, 15);
    const affords = () => [1, 2, 4, 8, 9, 1000].filter(budget.affords);
    assert.deepEqual(affords(), [1, 2, 4]);
    clock.advance(50);
    assert.deepEqual(affords(), [1, 2]);
    clock.advance(11);
    assert.deepEqual(affords(), []);
    const longer = budgetOf(10_000, 10, 90);
    assert.deepEqual([1, 900, 1000].filter(longer.affords), [1, 900]);
  });

  it("affords everything of a quick model, however late it is and however busy the machine", () => {
    const affords = [
      budgetOf("auto", 5, 5000),
      budgetOf("auto", 90, 5000, 5),
      budgetOf(20, 90, 5000, 0.6),
      timeBudgetOf("auto", { msPerToken: 90 }, performance.now() - 5000),
      unlimited,
    ].map((budget) => budget.affords(1000));
    assert.deepEqual(affords, [true, true, true, true, true]);
    assert.equal(budgetOf("auto", 5.1, 5000).affords(1), false);
  });

  it("lets the clock decide nothing before other text of the line, of a quick model", () => {
    const quick = budgetOf("auto", 2, 5000).midLine;
    assert.deepEqual(
      [quick.generationMs(), quick.choosingMs()],
      [Infinity, Infinity],
    );
    assert.ok(Number.isFinite(quick.maxTokens) && Number.isFinite(quick.runs));
    const slow = budgetOf("auto", 8, 30).midLine;
    assert.deepEqual([slow.generationMs(), slow.choosingMs()], [31, 31 / 4]);
    const given = budgetOf(20, 2, 5000).midLine;
    assert.deepEqual([given.generationMs(), given.choosingMs()], [20, 5]);
  });
});
