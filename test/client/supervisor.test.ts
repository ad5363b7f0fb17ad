import assert from "node:assert/strict";
import { mock } from "node:test";
import type { ExtensionContext, LogOutputChannel } from "vscode";
import type { EngineClient, EngineEvents } from "../../src/client/engineClient";
import type * as supervisor from "../../src/client/supervisor";
import { FakeEditor } from "./support/fakeVscode";

/** One life of an engine, which a test lets start, fail and end. */
class FakeEngine {
  running = false;
  stopped = 0;
  begin = () => {};
  fail: (error: Error) => void = () => {};

  constructor(readonly events: EngineEvents) {}

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.begin = () => {
        this.running = true;
        resolve();
      };
      this.fail = reject;
    });
  }

  /** As the LSP library does: one that is still starting refuses, and fails to start. */
  stop(): Promise<void> {
    this.stopped++;
    if (!this.running) {
      this.fail(new Error("the process was ended"));
      return Promise.reject(new Error("not running"));
    }
    this.running = false;
    return Promise.resolve();
  }

  end(reason: string): void {
    this.running = false;
    this.events.onEnded(reason);
  }
}

/** Promises that are due have had their turn; setImmediate is not among the mocked timers. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("supervisor", () => {
  let engines: FakeEngine[];
  let states: string[];
  let givenUp: string[];
  let engine: supervisor.Supervisor;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    engines = [];
    states = [];
    givenUp = [];
    const log = { debug() {}, warn() {}, error() {} };
    const { Supervisor } = new FakeEditor().load<typeof supervisor>(
      "supervisor",
    );
    engine = new Supervisor(
      {} as ExtensionContext,
      log as unknown as LogOutputChannel,
      () =>
        Promise.resolve({
          createLanguageClient: (_context, _log, _middleware, events) => {
            const fake = new FakeEngine(events);
            engines.push(fake);
            return fake as unknown as EngineClient;
          },
        }),
    );
    engine.onDidChangeStatus(({ state }) => states.push(state));
    engine.onGaveUp = (reason) => givenUp.push(reason);
  });
  afterEach(() => {
    engine.dispose();
    mock.timers.reset();
  });

  /** Starts the engine, or waits for one that is being started, and lets it answer. */
  async function started(): Promise<FakeEngine> {
    engine.start();
    await settled();
    const newest = engines.at(-1)!;
    newest.begin();
    await settled();
    return newest;
  }

  it("starts one engine, however often it is asked to", async () => {
    engine.start();
    engine.start();
    await settled();
    engine.start();
    assert.equal(engines.length, 1);
    assert.equal(engine.client, undefined);
    engines[0]!.begin();
    assert.equal(await engine.ready(), engines[0]);
    assert.equal(engine.client, engines[0]);
    engines[0]!.events.onStatus({ state: "ready", message: "" });
    assert.deepEqual(states, ["loading", "ready"]);
  });

  it("starts another one a second after the first has ended, and hears the old one no more", async () => {
    const first = await started();
    first.end("killed");
    assert.equal(engine.client, undefined);
    assert.match(engine.status.message, /starts again in 1 s/);
    mock.timers.tick(999);
    await settled();
    assert.equal(engines.length, 1);
    // Asking does not make it sooner.
    engine.start();
    await settled();
    assert.equal(engines.length, 1);
    mock.timers.tick(1);
    const second = await started();
    assert.notEqual(second, first);
    states.length = 0;
    first.events.onStatus({ state: "failed", message: "" });
    first.end("killed");
    assert.deepEqual(states, []);
    assert.equal(engine.client, second);
  });

  it("takes a failed start and the end of its connection for one death", async () => {
    engine.start();
    await settled();
    const [first] = engines;
    first!.end("connection lost");
    first!.fail(new Error("cannot start"));
    await settled();
    assert.match(engine.status.message, /starts again in 1 s/);
    mock.timers.tick(1000);
    await settled();
    assert.equal(engines.length, 2);
    mock.timers.tick(60_000);
    await settled();
    assert.equal(engines.length, 2);
  });

  it("gives up after the fourth death, says so once, and starts again when it is told to", async () => {
    for (const delay of [1000, 3000, 9000]) {
      (await started()).end("killed");
      mock.timers.tick(delay);
      await settled();
    }
    assert.deepEqual(givenUp, []);
    (await started()).end("killed");
    assert.equal(engine.status.state, "failed");
    assert.deepEqual(givenUp, [engine.status.message]);
    mock.timers.tick(60_000);
    engine.start();
    await settled();
    assert.equal(engines.length, 4);
    const client = engine.ready();
    await settled();
    engines.at(-1)!.begin();
    assert.equal(await client, engines[4]);
    // All tries are there again.
    engines[4]!.end("killed");
    assert.match(engine.status.message, /starts again in 1 s/);
  });

  it("ends the engine and starts none when it is stopped", async () => {
    const first = await started();
    await engine.stop();
    first.end("stopped");
    mock.timers.tick(60_000);
    await settled();
    assert.deepEqual([first.stopped, engines.length], [1, 1]);
    assert.equal(engine.status.state, "waiting");
  });

  it("starts none when it is stopped between two tries or while it starts", async () => {
    (await started()).end("killed");
    await engine.stop();
    mock.timers.tick(60_000);
    await settled();
    assert.equal(engines.length, 1);
    const client = engine.ready();
    await settled();
    await engine.stop();
    await assert.rejects(client, /was ended/);
    mock.timers.tick(60_000);
    await settled();
    assert.deepEqual([engines.length, engine.status.state], [2, "waiting"]);
  });
});
