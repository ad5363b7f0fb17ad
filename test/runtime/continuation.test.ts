import assert from "node:assert/strict";
import { mock } from "node:test";
import fc from "fast-check";
import { greedy, softmax } from "../../src/engine/sampling";
import type { Gate } from "../../src/engine/gate";
import { tableGate } from "../../src/engine/tableGate";
import { loadModel, type LoadedModel } from "../../src/runtime/loadedModel";
import {
  ModelContinuation,
  scoreOf,
  type Continuation,
} from "../../src/runtime/continuation";
import { CopyIndex } from "../../src/copying/copyIndex";
import { RecordingModel } from "../support/recordingModel";
import { makeTinyModel, type TinyModel } from "../support/tinyModel";

/** As in a prefill; nothing here looks at it. */
const prefilled = { run: 1, from: "start", exact: true, distance: 0 } as const;

describe("continuation", () => {
  let tiny: TinyModel;
  let loaded: LoadedModel;
  let model: RecordingModel;
  let runs: number;

  before(async () => {
    tiny = await makeTinyModel();
    loaded = await loadModel(tiny.folder, {
      threads: 1,
      memoryBudget: 1e9,
      signal: new AbortController().signal,
    });
    model = new RecordingModel(loaded.network, () => 64);
    model.onRun = () => runs++;
  });
  after(async () => {
    await loaded.dispose();
    tiny.remove();
  });
  beforeEach(() => (runs = 0));

  const continueAfter = async (
    text: readonly number[],
    suffix: readonly number[] = [],
    gate?: Gate,
  ) => {
    const before = new CopyIndex(8);
    before.update(text);
    const after = new CopyIndex(8, "backward");
    after.update([...suffix].reverse());
    const step = await model.step(text, model.emptyState);
    const copies = { prefix: before, near: [before, after], far: [] };
    return new ModelContinuation(model, step, prefilled, copies, { gate });
  };

  it("expects what the network expects, whatever of a draft is taken", async () => {
    const token = fc.integer({ min: 8, max: 11 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(token, { minLength: 1, maxLength: 60 }),
        fc.array(token, { maxLength: 40 }),
        fc.array(token, { maxLength: 40 }),
        async (text, suffix, pushed) => {
          const drafting = await continueAfter(text, suffix);
          let plain = await loaded.network.step(text, model.emptyState);
          for (const next of pushed) {
            await drafting.push(next);
            plain = await loaded.network.step([next], plain.state);
            const expected = softmax(plain.logits);
            drafting.next().forEach((p, i) => {
              assert.ok(Math.abs(p - expected[i]!) < 1e-5);
            });
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("writes the same greedily with drafts and without", async () => {
    const write = async (continuation: Continuation) => {
      const written: number[] = [];
      for (let i = 0; i < 60; i++) {
        written.push(greedy(continuation.next()));
        await continuation.push(written.at(-1)!);
      }
      return written;
    };
    const text = [20, 21, 22, 23, 24, 25, 20, 21, 22];
    const drafted = await write(await continueAfter(text));
    let step = await loaded.network.step(text, model.emptyState);
    for (const token of drafted) {
      assert.equal(token, greedy(softmax(step.logits)));
      step = await loaded.network.step([token], step.state);
    }
  });

  it("comes back to any mark as if nothing had been pushed since", async () => {
    const token = fc.integer({ min: 8, max: 11 });
    const tokens = fc.array(token, { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(tokens, tokens, tokens, async (text, first, other) => {
        const continuation = await continueAfter(text);
        const pushAll = async (all: readonly number[]) => {
          for (const each of all) await continuation.push(each);
        };
        const start = continuation.mark();
        await pushAll(first);
        const there = continuation.mark();
        const expected = continuation.next().slice();
        continuation.rewind(start);
        await pushAll(other);
        continuation.rewind(there);
        assert.deepEqual(continuation.next(), expected);
        const again = await continueAfter([...text, ...first]);
        await continuation.push(other[0]!);
        await again.push(other[0]!);
        again.next().forEach((p, i) => {
          assert.ok(Math.abs(p - continuation.next()[i]!) < 1e-5);
        });
      }),
      { numRuns: 40 },
    );
  });

  it("mixes copies in as one would that has never been anywhere else", async () => {
    const token = fc.integer({ min: 8, max: 11 });
    const move = fc.oneof(token, fc.constant("back" as const));
    await fc.assert(
      fc.asyncProperty(
        fc.array(token, { minLength: 1, maxLength: 20 }),
        fc.array(move, { maxLength: 12 }),
        fc.nat(),
        async (text, moves, choice) => {
          const gate = tableGate();
          const moving = await continueAfter(text, [9, 10], gate);
          const places = [moving.mark()];
          for (const next of moves) {
            if (next === "back") moving.rewind(places[choice % places.length]!);
            else await moving.push(next);
            places.push(moving.mark());
            const straight = await continueAfter(text, [9, 10], gate);
            for (const pushed of moving.mark().pushed)
              await straight.push(pushed);
            const expected = straight.next();
            moving.next().forEach((p, i) => {
              assert.ok(Math.abs(p - expected[i]!) < 1e-5);
            });
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it("mixes copies in once for each place, however often one comes back", async () => {
    const gate = tableGate();
    const mixing = mock.method(gate, "mix");
    const continuation = await continueAfter([8, 9, 8, 9], [], gate);
    const start = continuation.mark();
    for (let n = 0; n < 3; n++) {
      continuation.next();
      await continuation.push(10);
      continuation.rewind(start);
    }
    assert.equal(mixing.mock.callCount(), 1);
    await continuation.push(8);
    continuation.next();
    assert.equal(mixing.mock.callCount(), 2);
  });

  it("scores tokens in one run, and stays where it is", async () => {
    const continuation = await continueAfter([20, 21, 22, 23, 24, 25]);
    const before = continuation.next().slice();
    const tokens = [30, 21, 22, 31];
    runs = 0;
    const score = await scoreOf(continuation, tokens);
    assert.equal(runs, 1);
    assert.deepEqual(continuation.next(), before);
    let expected = 0;
    for (const token of tokens) {
      expected += Math.log(continuation.next()[token]!);
      await continuation.push(token);
    }
    assert.ok(Math.abs(score - expected) < 1e-4);
  });

  it("reads four tokens ahead where the text repeats itself", async () => {
    const line = [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31];
    const continuation = await continueAfter(line);
    runs = 0;
    // The third tells that the line comes again; the four behind it are read with it.
    for (const token of line) await continuation.push(token);
    assert.equal(runs, 2 + 1 + 1);
  });

  it("drafts from the suffix in its order", async () => {
    const suffix = [40, 41, 42, 43, 44, 45, 46];
    const continuation = await continueAfter([20, 40, 41], suffix);
    runs = 0;
    for (const token of suffix.slice(2)) await continuation.push(token);
    assert.equal(runs, 1);
  });

  it("reads what was right of a draft once more with what came instead", async () => {
    const line = [20, 21, 22, 23, 24, 25, 26];
    const continuation = await continueAfter([...line, 20, 21]);
    model.ran = 0;
    await continuation.push(22); // and 23, 24, 25, 26
    await continuation.push(23);
    await continuation.push(50);
    assert.equal(model.ran, 5 + 3);
  });
});
