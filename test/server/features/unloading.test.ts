import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Unloading } from "../../../src/server/features/unloading";

describe("unloading", () => {
  let isIdle: boolean;
  let freed: number;
  let dropped: unknown[];
  const model = {};
  const parts = () =>
    ({
      documents: {
        all: () => [
          {
            document: { uri: "untitled:a" },
            dropWindows: (of: unknown) => dropped.push(of),
          },
        ],
      },
      models: {
        loaded: () => [model],
        retain: (names: Set<string>) => {
          assert.equal(names.size, 0);
          freed++;
          return Promise.resolve();
        },
      },
      runner: {
        get isIdle() {
          return isIdle;
        },
      },
    }) as unknown as ConstructorParameters<typeof Unloading>[0];
  const pass = async (ms: number) => {
    mock.timers.tick(ms);
    for (let i = 0; i < 5; i++) await turn();
  };

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    isIdle = true;
    freed = 0;
    dropped = [];
  });
  afterEach(() => mock.timers.reset());

  it("frees models, and the tokens made for them, once nothing has happened for long enough", async () => {
    const unloading = new Unloading(parts(), 1000);
    unloading.later();
    await pass(999);
    assert.equal(freed, 0);
    await pass(1);
    assert.equal(freed, 1);
    assert.deepEqual(dropped, [model]);
  });

  it("waits anew whenever something happens", async () => {
    const unloading = new Unloading(parts(), 1000);
    unloading.later();
    await pass(900);
    unloading.stop();
    await pass(5000);
    assert.equal(freed, 0);
    unloading.later();
    await pass(1000);
    assert.equal(freed, 1);
  });

  it("leaves an engine alone that works", async () => {
    isIdle = false;
    new Unloading(parts(), 1000).later();
    await pass(5000);
    assert.equal(freed, 0);
  });

  it("never frees what is asked for while states are saved", async () => {
    const unloading = new Unloading(parts(), 1000);
    unloading.later();
    mock.timers.tick(1000);
    unloading.stop();
    await pass(0);
    assert.equal(freed, 0);
  });

  it("keeps models for ever at 0", async () => {
    new Unloading(parts(), 0).later();
    await pass(1e9);
    assert.equal(freed, 0);
  });
});
