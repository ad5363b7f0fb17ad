import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyHash, hashAfter } from "../../src/state/prefixHash";
import { vectorReach, type Followed } from "../../src/state/tokenVectors";
import { StateCache, type StateCacheOptions } from "../../src/state/stateCache";
import type { SavedState } from "../../src/state/stateFile";
import type { StateStore } from "../../src/state/stateStore";
import {
  PrefixModel,
  vectorsOf,
  type PrefixState,
} from "../support/prefixModel";

const never = new AbortController().signal;
const upTo = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => from + i);
const hashOf = (tokens: readonly number[]) =>
  tokens.reduce(hashAfter, emptyHash);

/** States on a disk that is a list, by position and hash. */
class FakeStore {
  readonly saved = new Map<string, SavedState>();
  /** What was saved, in order: document and position. */
  readonly log: [document: string, position: number][] = [];
  /** Positions whose files turn out bad. */
  readonly bad = new Set<number>();
  /** Awaited before a state is loaded. */
  onLoad: () => Promise<void> = () => Promise.resolve();

  positions(): number[] {
    const all = [...this.saved.keys()].map((key) => parseInt(key));
    return [...new Set(all)].sort((a, b) => a - b);
  }
  find(position: number, hash: number): boolean {
    return this.saved.has(`${position} ${hash}`);
  }
  async load(position: number, hash: number): Promise<SavedState | undefined> {
    await this.onLoad();
    return this.bad.has(position)
      ? undefined
      : this.saved.get(`${position} ${hash}`);
  }
  saveOf(
    document: string,
    position: number,
    hash: number,
    _: readonly number[],
    saved: SavedState,
  ): Promise<boolean> {
    this.log.push([document, position]);
    // What the cache keeps on changing.
    const vectors = saved.vectors.slice();
    this.saved.set(`${position} ${hash}`, { ...saved, vectors });
    return Promise.resolve(true);
  }
  /** Puts the state after a sequence there. */
  put(tokens: readonly number[]): void {
    const state = { tensors: {}, bytes: 100, read: [...tokens] };
    const vectors = new Uint8Array(0);
    this.saved.set(`${tokens.length} ${hashOf(tokens)}`, { state, vectors });
  }
}

describe("StateCache", () => {
  let model: PrefixModel;
  beforeEach(() => (model = new PrefixModel()));

  const cacheOf = (options: Partial<StateCacheOptions> = {}) =>
    new StateCache(model, { budgetBytes: 1e9, ...options });
  const withStore = (store: FakeStore, budgetBytes = 1e9) =>
    cacheOf({ store: store as unknown as StateStore, budgetBytes });

  /** Prefills, checks what was run and read, and tells how. */
  async function prefill(
    cache: StateCache,
    tokens: readonly number[],
    key = "a",
  ) {
    model.runs.length = 0;
    const { step, prefilled } = await cache.prefill(key, tokens, never);
    const ran = model.runs.flat().length;
    assert.equal(ran, prefilled.run, "it says what it ran");
    const { read } = step.state as PrefixState;
    if (prefilled.exact) assert.deepEqual(read, tokens);
    return { ...prefilled, read };
  }

  it("says how the state before the last token was found", async () => {
    const cache = cacheOf();
    const { read: _, ...fresh } = await prefill(cache, upTo(300));
    assert.deepEqual(fresh, {
      run: 300,
      from: "start",
      exact: true,
      distance: 299,
    });
    const { read, ...typed } = await prefill(cache, upTo(301));
    assert.deepEqual(typed, {
      run: 3,
      from: "checkpoint",
      exact: true,
      distance: 2,
    });
    assert.deepEqual(cache.report("a")?.last, typed);
    assert.equal(read.length, 301);
  });

  it("runs nothing but the last token where the same is asked again", async () => {
    const cache = cacheOf();
    for (const [count, again] of [
      [301, [300]],
      [302, [300, 301]],
    ] as const) {
      // Kept are states at even positions alone, by which all are the same, bit for bit.
      await prefill(cache, upTo(count));
      await prefill(cache, upTo(count));
      assert.deepEqual(model.runs, [again]);
    }
  });

  it("needs a token", async () => {
    await assert.rejects(cacheOf().prefill("a", [], never), RangeError);
    assert.equal((await prefill(cacheOf(), [7])).run, 1);
  });

  it("reads all of a text of 512 tokens, and of a longer one the last 512", async () => {
    const { run, exact, from } = await prefill(cacheOf(), upTo(512));
    assert.deepEqual(
      { run, exact, from },
      { run: 512, exact: true, from: "start" },
    );
    const longer = await prefill(cacheOf(), upTo(513));
    assert.deepEqual(longer, {
      run: 512,
      exact: false,
      from: "window",
      distance: 512,
      read: upTo(512, 1),
    });
  });

  it("reads the start of a document, too, where it reads a part: 256 tokens of it at most", async () => {
    const headers: number[] = [];
    const startLength = (tokens: readonly number[]) => {
      headers.push(tokens.length);
      return 10;
    };
    const { run, read } = await prefill(cacheOf({ startLength }), upTo(2_000));
    assert.deepEqual(read, [...upTo(10), ...upTo(502, 1_498)]);
    assert.equal(run, 512);
    assert.deepEqual(headers, [2_000]);
    const long = await prefill(
      cacheOf({ startLength: () => 400 }),
      upTo(2_000),
    );
    assert.deepEqual(long.read, [...upTo(256), ...upTo(256, 1_744)]);
  });

  it("goes on from an approximate state that is near, not from one that is far", async () => {
    const cache = cacheOf();
    await prefill(cache, upTo(2_000));
    const near = await prefill(cache, upTo(2_510));
    assert.deepEqual([near.run, near.from, near.exact], [512, "window", false]);
    assert.deepEqual(near.read, upTo(1_022, 1_488));
    const far = await prefill(cache, upTo(3_021));
    assert.deepEqual(far.read, upTo(512, 2_509));
    assert.equal(far.distance, 3_020);
    assert.ok(cache.report("a")!.approximate > 0);
    assert.equal(cache.report("a")!.checkpoints, 0);
  });

  it("prefers an exact state once all was read ahead", async () => {
    const cache = cacheOf();
    await prefill(cache, upTo(2_001));
    await cache.readAhead("a", upTo(2_001), never);
    const { run, exact, from } = await prefill(cache, upTo(2_001));
    assert.deepEqual(
      { run, exact, from },
      { run: 1, exact: true, from: "checkpoint" },
    );
  });

  it("reads ahead from where it left off", async () => {
    const cache = cacheOf();
    const abort = new AbortController();
    model.onRun = () => {
      if (model.runs.length === 50) abort.abort(new Error("typing"));
    };
    await assert.rejects(
      cache.readAhead("a", upTo(2_000), abort.signal),
      /typing/,
    );
    const before = model.runs.flat().length;
    assert.equal(before, 51 * 16);
    await cache.readAhead("a", upTo(2_000), never);
    const after = model.runs.flat().length - before;
    assert.ok(after <= 1_999 - before + 64, `${after} tokens more`);
  });

  it("keeps states close together at the end after reading ahead", async () => {
    const cache = cacheOf();
    await cache.readAhead("a", upTo(4_000), never);
    const { run } = await prefill(cache, [...upTo(3_980), 9]);
    assert.ok(run <= 65, `${run} tokens after an edit near the end`);
  });

  it("keeps states close together before the place of a request", async () => {
    const cache = cacheOf();
    await cache.readAhead("a", upTo(4_000), never);
    await prefill(cache, upTo(2_000));
    // Reading ahead drops what is not needed, seen from the carets.
    await prefill(cache, [...upTo(1_999), 8]);
    const { run } = await prefill(cache, [...upTo(1_960), 9]);
    assert.ok(run <= 129, `${run} tokens after an edit near the place`);
  });

  it("throws the reason of a signal, before and between runs, and keeps what was read", async () => {
    const cache = cacheOf();
    const gone = new Error("gone");
    await assert.rejects(
      cache.prefill("a", upTo(300), AbortSignal.abort(gone)),
      gone,
    );
    assert.equal(model.runs.length, 0);
    const abort = new AbortController();
    model.onRun = () => {
      if (model.runs.length === 3) abort.abort(gone);
    };
    await assert.rejects(cache.prefill("a", upTo(300), abort.signal), gone);
    assert.equal(model.runs.length, 4);
    model.onRun = () => undefined;
    assert.equal((await prefill(cache, upTo(300))).run, 300 - 64);
  });

  it("does not run the last token when the signal is aborted in the run before it", async () => {
    const cache = cacheOf();
    const abort = new AbortController();
    model.onRun = () => abort.abort(new Error("late"));
    await assert.rejects(cache.prefill("a", upTo(10), abort.signal), /late/);
    assert.deepEqual(model.runs, [upTo(8)]);
  });

  it("keeps no state of a text that is no longer the document's", async () => {
    const cache = cacheOf();
    const other = upTo(200, 5_000);
    let isFirst = true;
    model.onRun = async () => {
      if (!isFirst) return;
      isFirst = false;
      await cache.prefill("a", other, never);
    };
    const { step } = await cache.prefill("a", upTo(200), never);
    assert.deepEqual((step.state as PrefixState).read, upTo(200));
    model.onRun = () => undefined;
    assert.equal((await prefill(cache, other)).run, 2);
    assert.equal((await prefill(cache, upTo(200))).run, 200);
  });

  describe("with a budget", () => {
    const stateBytes = 100;
    const tokenBytes = 32;

    it("counts states and tokens", async () => {
      const cache = cacheOf();
      await prefill(cache, upTo(100));
      await prefill(cache, upTo(2_000), "b");
      let all = 0;
      for (const [key, tokens] of [
        ["a", 100],
        ["b", 2_000],
      ] as const) {
        const report = cache.report(key)!;
        assert.equal(report.tokens, tokens);
        const states = report.checkpoints + report.approximate;
        assert.equal(report.bytes, states * stateBytes + tokens * tokenBytes);
        all += report.bytes;
      }
      assert.equal(cache.usedBytes, all);
      assert.ok(cache.report("b")!.approximate > 0);
    });

    it("is never over it, but for the tokens of the latest document", async () => {
      const budgetBytes = 1_000 * tokenBytes + 6 * stateBytes;
      const cache = cacheOf({ budgetBytes });
      let most = 0;
      model.onRun = () => {
        most = Math.max(most, cache.usedBytes);
      };
      await cache.readAhead("a", upTo(1_000), never);
      assert.ok(most <= budgetBytes, `${most} bytes`);
      // One more would fit at most: what is near another is not needed.
      assert.ok(cache.usedBytes >= budgetBytes - stateBytes);
    });

    it("is kept to at once when it is lowered", async () => {
      const cache = cacheOf();
      await cache.readAhead("a", upTo(1_000), never);
      const before = cache.report("a")!;
      assert.ok(before.checkpoints > 2);
      cache.budgetBytes = before.bytes - 1;
      assert.equal(cache.report("a")!.checkpoints, before.checkpoints - 1);
      cache.budgetBytes = before.bytes;
      assert.equal(cache.report("a")!.checkpoints, before.checkpoints - 1);
    });

    it("is kept to exactly, however much it is lowered", async () => {
      const cache = cacheOf();
      await cache.readAhead("a", upTo(2_000), never);
      const before = cache.report("a")!;
      cache.budgetBytes = before.bytes - 3 * stateBytes;
      assert.equal(cache.report("a")!.checkpoints, before.checkpoints - 3);
    });

    it("counts the tokens of a document that goes whole", async () => {
      const fill = async () => {
        const cache = cacheOf();
        await prefill(cache, upTo(100));
        await cache.readAhead("b", upTo(1_000), never);
        return cache;
      };
      const statesOf = (cache: StateCache) => cache.report("b")!.checkpoints;
      let cache = await fill();
      // One state after the other, until the older document goes.
      while (cache.report("a")) cache.budgetBytes = cache.usedBytes - 1;
      const left = statesOf(cache);
      cache = await fill();
      const states = statesOf(cache) - left + cache.report("a")!.checkpoints;
      // A byte more than the states have: its tokens make up for it.
      cache.budgetBytes = cache.usedBytes - states * stateBytes - 1;
      assert.equal(cache.report("a"), undefined);
      assert.equal(statesOf(cache), left);
    });

    it("is kept to where nothing but a document's tokens comes", async () => {
      const cache = cacheOf();
      await cache.readAhead("a", upTo(1_000), never);
      const budget = cache.usedBytes;
      cache.budgetBytes = budget;
      await prefill(cache, [1], "b");
      assert.ok(cache.usedBytes <= budget);
      cache.budgetBytes = cache.usedBytes;
      await cache.readAhead("c", [1], never);
      assert.ok(cache.usedBytes <= budget);
      assert.ok(cache.report("c"));
    });

    it("gives up all states but not the latest document", async () => {
      const cache = cacheOf({ budgetBytes: 0 });
      await prefill(cache, upTo(100));
      const { checkpoints, bytes } = cache.report("a")!;
      assert.deepEqual([checkpoints, bytes], [0, 100 * tokenBytes]);
      await prefill(cache, upTo(100), "b");
      assert.equal(cache.report("a"), undefined);
      assert.ok(cache.report("b"));
      assert.equal(cache.usedBytes, 100 * tokenBytes);
    });

    it("gives up no more than it has to, and of the document in use for less time first", async () => {
      const cache = cacheOf();
      for (const key of ["a", "b"])
        await cache.readAhead(key, upTo(600), never);
      const [a, b] = ["a", "b"].map((key) => cache.report(key)!.checkpoints);
      assert.equal(a, b);
      cache.budgetBytes = cache.usedBytes - stateBytes;
      assert.equal(cache.report("a")!.checkpoints, a! - 1);
      assert.equal(cache.report("b")!.checkpoints, b);
      // Asked for again, it is the other's turn.
      await prefill(cache, upTo(600));
      const left = cache.report("a")!.checkpoints;
      cache.budgetBytes = cache.usedBytes - 1;
      assert.equal(cache.report("a")!.checkpoints, left);
      assert.equal(cache.report("b")!.checkpoints, b! - 1);
    });

    it("forgets a document without states whole, one with states last", async () => {
      const cache = cacheOf();
      await prefill(cache, [1], "empty");
      assert.equal(cache.report("empty")!.checkpoints, 0);
      await prefill(cache, upTo(100));
      cache.budgetBytes = cache.usedBytes - 1;
      assert.equal(cache.report("empty"), undefined);
      assert.ok(cache.report("a")!.checkpoints > 0);
    });
  });

  it("forgets a document on request", async () => {
    const cache = cacheOf();
    await prefill(cache, upTo(100));
    cache.forget("a");
    assert.equal(cache.report("a"), undefined);
    assert.equal(cache.usedBytes, 0);
    assert.equal((await prefill(cache, upTo(100))).run, 100);
  });

  describe("with a store", () => {
    let store: FakeStore;
    beforeEach(() => (store = new FakeStore()));

    it("takes the last saved state before the place where none is within 512 tokens", async () => {
      for (const count of [600, 1_500, 1_998, 2_000]) store.put(upTo(count));
      store.put(upTo(1_900, 5));
      // A state at an odd position is not what is kept now; an older version may have left it.
      store.put(upTo(1_999));
      const cache = withStore(store);
      const { run, from, exact } = await prefill(cache, upTo(2_000));
      assert.deepEqual(
        { run, from, exact },
        { run: 2, from: "saved state", exact: true },
      );
      // It is a checkpoint now: the disk is not asked again.
      store.saved.clear();
      assert.equal((await prefill(cache, upTo(2_000))).from, "checkpoint");
    });

    it("does not look on the disk where 512 tokens or a state in memory are as good", async () => {
      store.put(upTo(500));
      assert.equal((await prefill(withStore(store), upTo(512))).from, "start");
      assert.equal(
        (await prefill(withStore(store), upTo(513))).from,
        "saved state",
      );
      const cache = withStore(store);
      await cache.readAhead("a", upTo(2_000), never);
      store.put(upTo(1_000));
      const { from, distance } = await prefill(cache, upTo(2_600));
      assert.deepEqual([from, distance], ["window", 2_599 - 1_998]);
    });

    it("says that a saved state that is far is no exact way", async () => {
      store.put(upTo(600));
      const { from, exact, distance } = await prefill(
        withStore(store),
        upTo(2_000),
      );
      assert.deepEqual([from, exact, distance], ["window", false, 1_399]);
    });

    it("does without one that turns out bad", async () => {
      store.put(upTo(1_900));
      store.bad.add(1_900);
      const { from } = await prefill(withStore(store), upTo(2_000));
      assert.equal(from, "window");
    });

    it("reads ahead from the last saved state", async () => {
      store.put(upTo(1_900));
      await withStore(store).readAhead("a", upTo(2_000), never);
      assert.equal(model.runs.flat().length, 98);
    });

    it("reads no state from the disk that is in memory", async () => {
      const cache = withStore(store);
      await cache.readAhead("a", upTo(2_000), never);
      await cache.save("a", never);
      let loads = 0;
      store.onLoad = () => Promise.resolve(void loads++);
      await cache.readAhead("a", upTo(2_100), never);
      assert.equal(loads, 0);
    });

    it("keeps no state that was loaded for another text", async () => {
      store.put(upTo(1_900));
      const cache = withStore(store);
      const other = upTo(100, 5_000);
      store.onLoad = async () => {
        store.onLoad = () => Promise.resolve();
        await cache.prefill("a", other, never);
      };
      const { step } = await cache.prefill("a", upTo(2_000), never);
      assert.deepEqual((step.state as PrefixState).read, upTo(2_000));
      const { checkpoints, tokens } = cache.report("a")!;
      assert.equal(tokens, 100);
      const alone = cacheOf();
      await prefill(alone, other);
      assert.equal(checkpoints, alone.report("a")!.checkpoints);
    });

    it("saves a state every 2,048 tokens or more, and the one where work ended", async () => {
      const cache = withStore(store);
      await cache.readAhead("a", upTo(9_000), never);
      await cache.save("a", never);
      const positions = store.log.map(([, position]) => position);
      assert.ok(store.log.every(([document]) => document === "a"));
      assert.equal(positions.at(-1), 8_998);
      const apart = positions.map((at, i) => at - (positions[i - 1] ?? 0));
      assert.ok(
        apart.slice(0, -1).every((gap) => gap >= 2_048 && gap <= 2_048 + 512),
        apart.join(),
      );
      for (const [key, { state }] of store.saved) {
        const { read } = state as PrefixState;
        assert.equal(key, `${read.length} ${hashOf(read)}`);
      }
      // A second time there is nothing to write.
      await cache.save("a", never);
      assert.equal(store.log.length, positions.length);
    });

    it("saves where work ended, though it is not the end", async () => {
      const cache = withStore(store);
      await cache.readAhead("a", upTo(3_000), never);
      await prefill(cache, upTo(700));
      await cache.save("a", never);
      assert.ok(
        store.log.some(([, position]) => position === 698),
        store.log.join(" "),
      );
      assert.ok(!store.log.some(([, position]) => position > 700));
    });

    it("counts what is saved already", async () => {
      const cache = withStore(store);
      await cache.readAhead("a", upTo(5_000), never);
      await cache.save("a", never);
      const first = store.log.map(([, position]) => position);
      store.log.length = 0;
      await cache.readAhead("a", upTo(6_000), never);
      await cache.save("a", never);
      // 2,048 tokens behind the last saved state is beyond the end, so only the end itself is new.
      assert.equal(first.at(-1), 4_998);
      assert.deepEqual(store.log, [["a", 5_998]]);
    });

    it("saves nothing of a text of fewer than 512 tokens", async () => {
      const cache = withStore(store);
      await prefill(cache, upTo(512));
      await cache.save("a", never);
      assert.deepEqual(store.log, []);
      await prefill(cache, upTo(513));
      await cache.save("a", never);
      assert.deepEqual(store.log, [["a", 512]]);
    });

    it("saves nothing of an unknown document, and nothing when the signal is aborted", async () => {
      const cache = withStore(store);
      await cache.save("a", never);
      await cache.readAhead("a", upTo(3_000), never);
      const gone = new Error("gone");
      await assert.rejects(cache.save("a", AbortSignal.abort(gone)), gone);
      assert.deepEqual(store.log, []);
    });
  });

  describe("of a model that makes vectors", () => {
    const width = 2;
    beforeEach(() => (model.vectorWidth = width));

    /** Prefills, and checks that all vectors in reach are there, with what follows them. */
    async function compare(
      cache: StateCache,
      tokens: readonly number[],
      key = "a",
    ) {
      let own: Followed | undefined;
      const { prefilled } = await cache.prefill(key, tokens, never, (given) => {
        own = { ...given, vectors: given.vectors.slice() };
        return given.vectors;
      });
      if (!prefilled.exact) return prefilled;
      const last = tokens.length - 1;
      const end = last - (last % 2);
      const start = Math.max(0, end - vectorReach);
      assert.deepEqual(own, {
        vectors: vectorsOf([], tokens.slice(0, end), width).slice(
          start * width,
        ),
        next: tokens.slice(start + 1, end + 1),
      });
      return prefilled;
    }

    it("gives those in reach after any edits, moves, restarts and with little memory", async () => {
      const token = fc.integer({ min: 2, max: 9 });
      const change = fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        removed: fc.nat({ max: 40 }),
        inserted: fc.array(token, { maxLength: 40 }),
        /** 0: the change is taken back. */
        kind: fc.nat({ max: 6 }),
        place: fc.double({ min: 0, max: 1, noNaN: true }),
      });
      const length = fc.constantFrom(30, 700, 4_000, 5_500);
      const changes = fc.array(change, { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(
          length,
          changes,
          fc.constantFrom(20_000, 1e9),
          async (length, all, budget) => {
            const store = new FakeStore();
            let cache = withStore(store, budget);
            let text = upTo(length).map((token) => token % 11);
            let before = text;
            for (const { at, removed, inserted, kind, place } of all) {
              if (kind === 0) text = before;
              else {
                before = text;
                const start = Math.floor(at * text.length);
                text = text.toSpliced(start, removed, ...inserted);
              }
              if (kind === 1) await cache.readAhead("a", text, never);
              if (kind === 2) {
                await cache.save("a", never);
                cache = withStore(store, budget);
              }
              if (kind === 3) await compare(cache, upTo(900), "b");
              const end = 1 + Math.floor(place * (text.length - 1));
              if (text.length === 0) continue;
              // Within a word its first half is other tokens than the word.
              const half = kind === 4 ? [12, 13] : kind === 5 ? [12] : [];
              await compare(cache, [...text.slice(0, end), ...half]);
            }
          },
        ),
        { numRuns: 60 },
      );
    });

    it("loses none by moves of the cursor, into words too, nor by a change that is taken back", async () => {
      const cache = cacheOf();
      const text = upTo(5_500);
      await cache.readAhead("a", text, never);
      for (const half of [[], [7], [7, 8], [7, 8, 9]])
        for (const at of [100, 101]) {
          await compare(cache, [...text.slice(0, at), ...half]);
          const { run, from } = await compare(cache, text);
          assert.deepEqual([run, from], [2, "checkpoint"], `${half.length}`);
        }
    });

    it("reads again where a state is known but not the vectors before it", async () => {
      const cache = cacheOf();
      const text = upTo(400);
      await compare(cache, text);
      // Of two earlier texts only the latest vectors are kept.
      await compare(cache, [...text.slice(0, 100), ...upTo(200, 1_000)]);
      await compare(cache, [...text.slice(0, 50), ...upTo(200, 2_000)]);
      const { run } = await compare(cache, text);
      assert.ok(run > 2 && run <= 400, `${run}`);
    });

    it("keeps states with little memory, whatever the length of the text", async () => {
      const stateBytes = model.emptyState.bytes;
      const length = 40_000;
      // Besides the tokens there is room for twice the reach, a quarter more, and some states.
      const budgetBytes =
        32 * length + 4 * 2 * vectorReach * width + 40 * stateBytes;
      const cache = cacheOf({ budgetBytes });
      await cache.readAhead("a", upTo(length), never);
      assert.ok(cache.report("a")!.checkpoints > 4);
      const { run, from } = await compare(cache, upTo(length));
      assert.deepEqual([run, from], [2, "checkpoint"]);
      // After a change far up there are two texts, for whose vectors there is no room.
      await compare(cache, [...upTo(30_000), 7, 8, 9]);
      assert.ok(cache.usedBytes <= budgetBytes);
      assert.ok(cache.report("a")!.checkpoints > 0);
    });

    it("saves what it had, though an edit comes before it is written", async () => {
      const store = new FakeStore();
      const written: SavedState[] = [];
      const cache = withStore(store);
      const text = upTo(1_000);
      await cache.readAhead("a", text, never);
      store.saveOf = async (_document, _position, _hash, _tokens, saved) => {
        const changed = [...text.slice(0, 700), ...upTo(300, 5_000)];
        await cache.readAhead("a", changed, never);
        written.push(saved);
        return true;
      };
      await cache.save("a", never);
      assert.equal(written.length, 1);
      const [{ state, vectors }] = written as [SavedState];
      const { read } = state as PrefixState;
      assert.deepEqual(vectors, vectorsOf([], read, width));
    });

    it("saves vectors with states, and none without", async () => {
      const store = new FakeStore();
      const cache = withStore(store);
      await cache.readAhead("a", upTo(6_000), never);
      await cache.save("a", never);
      assert.ok(store.log.length > 1);
      for (const [key, { vectors }] of store.saved)
        assert.equal(
          vectors.length,
          width * Math.min(parseInt(key), vectorReach),
        );
      const again = withStore(store);
      assert.equal((await compare(again, upTo(6_000))).from, "saved state");
    });

    it("counts the bytes of vectors", async () => {
      const cache = cacheOf();
      await compare(cache, upTo(300));
      const without = new StateCache(new PrefixModel(), { budgetBytes: 1e9 });
      await without.prefill("a", upTo(300), never);
      const more = cache.usedBytes - without.usedBytes;
      assert.ok(more >= 298 * width && more <= 2 * 300 * width, `${more}`);
    });

    it("gives the first ones of another document as far as they are known", async () => {
      const cache = cacheOf();
      assert.equal(cache.firstVectors("a", 5), undefined);
      await compare(cache, upTo(101));
      const first = cache.firstVectors("a", 5)!;
      assert.deepEqual(first, {
        vectors: vectorsOf([], upTo(5), width),
        next: upTo(6).slice(1),
      });
      assert.equal(cache.firstVectors("a", 1_000)!.next.length, 100);
    });
  });
});
