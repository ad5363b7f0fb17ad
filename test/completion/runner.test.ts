import assert from "node:assert/strict";
import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { NoSuggestion } from "../../src/completion/reasons";
import { Runner } from "../../src/completion/runner";

const never = new AbortController().signal;

/** A job that ends when it is told to, or when it is aborted and `stopsLate` has passed. */
function job() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  let signal: AbortSignal | undefined;
  return {
    end: () => end(),
    get signal() {
      return signal;
    },
    run: async (given: AbortSignal) => {
      signal = given;
      await ended;
      given.throwIfAborted();
      return "done";
    },
  };
}

describe("Runner", () => {
  let runner: Runner;
  beforeEach(() => (runner = new Runner()));

  it("says what runs, and whether anything does", async () => {
    assert.deepEqual([runner.kind, runner.isIdle], [undefined, true]);
    const first = job();
    const result = runner.run("suggestion", never, first.run);
    assert.deepEqual([runner.kind, runner.isIdle], ["suggestion", false]);
    first.end();
    assert.equal(await result, "done");
    assert.deepEqual([runner.kind, runner.isIdle], [undefined, true]);
  });

  it("has a newer job wait until the older one has ended", async () => {
    const older = job();
    const newer = job();
    const first = runner.run("suggestion", never, older.run);
    const second = runner.run("generate", never, newer.run);
    await yieldToEventLoop();
    assert.equal((older.signal!.reason as NoSuggestion).reason, "superseded");
    assert.equal(newer.signal, undefined);
    // A command that waits is not overtaken by a key.
    assert.deepEqual([runner.kind, runner.isIdle], ["generate", false]);
    older.end();
    await assert.rejects(first, NoSuggestion);
    newer.end();
    assert.equal(await second, "done");
    assert.deepEqual([runner.kind, runner.isIdle], [undefined, true]);
  });

  it("runs only the newest of those that wait", async () => {
    const running = job();
    const first = runner.run("reading", never, running.run);
    const results = Promise.allSettled(
      [1, 2, 3].map((n) =>
        runner.run("suggestion", never, () => Promise.resolve(n)),
      ),
    );
    await yieldToEventLoop();
    running.end();
    await assert.rejects(first, NoSuggestion);
    assert.deepEqual(
      (await results).map((each) =>
        each.status === "fulfilled"
          ? each.value
          : (each.reason as NoSuggestion).reason,
      ),
      ["superseded", "superseded", 3],
    );
    assert.equal(runner.isIdle, true);
  });

  it("does not start a job whose signal was aborted while it waited", async () => {
    const running = job();
    const first = runner.run("suggestion", never, running.run);
    const abort = new AbortController();
    const later = job();
    const second = runner.run("suggestion", abort.signal, later.run);
    abort.abort(new NoSuggestion("cancelled"));
    running.end();
    await assert.rejects(first, NoSuggestion);
    await assert.rejects(second, { reason: "cancelled" });
    assert.equal(later.signal, undefined);
    assert.equal(runner.isIdle, true);
  });

  it("stops a job by its own signal, and by command", async () => {
    const abort = new AbortController();
    const one = job();
    const first = runner.run("suggestion", abort.signal, one.run);
    abort.abort(new NoSuggestion("cancelled"));
    one.end();
    await assert.rejects(first, { reason: "cancelled" });

    const other = job();
    const second = runner.run("suggestion", never, other.run);
    let isStopped = false;
    const stopped = runner
      .stop(new NoSuggestion("settings changed"))
      .then(() => (isStopped = true));
    await yieldToEventLoop();
    assert.equal(isStopped, false);
    other.end();
    await assert.rejects(second, { reason: "settings changed" });
    await stopped;
    await runner.stop(new NoSuggestion("settings changed"));
  });

  it("tells when it is idle, though a job has failed", async () => {
    await runner.whenIdle();
    const fails = runner.run("suggestion", never, async () => {
      await yieldToEventLoop();
      throw new Error("broken");
    });
    const idle = runner.whenIdle().then(() => runner.isIdle);
    await assert.rejects(fails, /broken/);
    assert.equal(await idle, true);
  });
});
