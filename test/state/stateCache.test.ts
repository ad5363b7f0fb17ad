import assert from "node:assert/strict";
import fc from "fast-check";
import { OnnxModel } from "../../src/engine/onnxModel";
import type { LanguageModel, State } from "../../src/engine/model";
import { seededRandom } from "../../src/engine/sampling";
import { loadModel, type LoadedModel } from "../../src/models/loadedModel";
import { StateCache } from "../../src/state/stateCache";
import { makeTinyModel, type TinyModel } from "../support/tinyModel";

const never = new AbortController().signal;

/** Counts the tokens that the model is made to run. */
class CountingModel implements LanguageModel {
  ran = 0;
  constructor(private readonly model: LanguageModel) {}
  get vocabularySize() {
    return this.model.vocabularySize;
  }
  get emptyState() {
    return this.model.emptyState;
  }
  readonly runLength = 16;
  readonly msPerToken = 1;
  step(tokens: ArrayLike<number>, state: State) {
    this.ran += tokens.length;
    return this.model.step(tokens, state);
  }
  advance(tokens: ArrayLike<number>, state: State) {
    this.ran += tokens.length;
    return this.model.advance(tokens, state);
  }
  dispose() {
    return this.model.dispose();
  }
}

describe("state cache", () => {
  let tiny: TinyModel;
  let loaded: LoadedModel;
  let model: CountingModel;
  const cacheOf = (budget = 1e9) =>
    new StateCache(model, {
      budget,
      tokenizer: loaded.tokenizer,
      firstText: 8,
    });
  const randomTokens = (count: number, seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, () => 8 + Math.floor(random() * 256));
  };

  before(async () => {
    tiny = await makeTinyModel();
    loaded = await loadModel(tiny.folder, {
      threads: 1,
      memoryBudget: 1e9,
      signal: never,
    });
    assert.ok(loaded.model instanceof OnnxModel);
  });
  beforeEach(() => (model = new CountingModel(loaded.model)));
  after(async () => {
    await loaded.dispose();
    tiny.remove();
  });

  it("runs only the new tokens when text is typed at the end", async () => {
    const cache = cacheOf();
    const tokens = randomTokens(300, 1);
    await cache.prefill("a", tokens, never);
    model.ran = 0;
    const next = await cache.prefill("a", [...tokens, 20], never);
    assert.equal(model.ran, 2);
    assert.equal(next.prefilled.run, 2);
  });

  it("gives the probabilities of a fresh prefill after any edits", async () => {
    const edit = fc.tuple(
      fc.nat(),
      fc.nat({ max: 60 }),
      fc.array(fc.integer({ min: 8, max: 263 }), { maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        async (edits) => {
          const cache = cacheOf();
          let tokens = randomTokens(200, 2);
          for (const [at, removed, inserted] of edits) {
            const position = at % tokens.length;
            tokens = [
              ...tokens.slice(0, position),
              ...inserted,
              ...tokens.slice(position + removed),
              9,
            ];
            const cached = (await cache.prefill("a", tokens, never)).next();
            const fresh = (await cacheOf().prefill("a", tokens, never)).next();
            assert.ok(greatestDifference(cached, fresh) < 1e-5);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it("runs a bounded number of tokens after an edit in the middle, and in a file just opened", async () => {
    const cache = cacheOf();
    const tokens = randomTokens(2000, 3);
    for (let end = 400; end <= 2000; end += 400)
      await cache.prefill("a", tokens.slice(0, end), never);
    model.ran = 0;
    const edited = [...tokens.slice(0, 1000), 9, 9];
    const cached = await cache.prefill("a", edited, never);
    assert.ok(model.ran <= 512, `${model.ran} tokens after an edit`);
    // Exact: all of it had been read before.
    let state = model.emptyState;
    for (let i = 0; i < edited.length - 1; i += 50) {
      state = await model.advance(
        edited.slice(i, Math.min(i + 50, edited.length - 1)),
        state,
      );
    }
    const { logits } = await model.step([edited.at(-1)!], state);
    const greatest = logits.indexOf(Math.max(...logits));
    assert.equal(cached.next().indexOf(Math.max(...cached.next())), greatest);

    model.ran = 0;
    await cache.prefill("b", tokens, never);
    assert.ok(model.ran <= 512, `${model.ran} tokens in a file just opened`);
  });

  it("never changes a state that it has given out", async () => {
    const cache = cacheOf();
    const tokens = randomTokens(50, 4);
    const first = await cache.prefill("a", tokens, never);
    const before = first.next().slice();
    await (await cache.prefill("a", tokens, never)).push(12);
    const again = await cache.prefill("a", tokens, never);
    assert.deepEqual(again.next(), before);
  });

  it("stays inside its budget, giving up the document unused the longest first", async () => {
    const budget = 20 * model.emptyState.bytes;
    const cache = cacheOf(budget);
    for (const key of "abcdef") {
      await cache.prefill(
        key,
        randomTokens(1200, key.charCodeAt(0)).slice(0, 500),
        never,
      );
      await cache.prefill(key, randomTokens(1200, key.charCodeAt(0)), never);
      assert.ok(
        cache.usedBytes <= budget,
        `${cache.usedBytes} bytes of ${budget}`,
      );
    }
    model.ran = 0;
    await cache.prefill("f", randomTokens(1200, "f".charCodeAt(0)), never);
    assert.ok(model.ran <= 2, "the latest document is still there");
    cache.forget("f");
    for (const key of "abcde") cache.forget(key);
    assert.equal(cache.usedBytes, 0);
  });

  it("stops between two runs when it is aborted", async () => {
    const cache = cacheOf();
    const abort = new AbortController();
    const prefill = cache.prefill("a", randomTokens(500, 5), abort.signal);
    setImmediate(() => abort.abort(new Error("superseded")));
    await assert.rejects(prefill, /superseded/);
    assert.ok(model.ran < 500, `${model.ran} tokens were run`);
    const again = await cache.prefill("a", randomTokens(500, 5), never);
    const fresh = await cacheOf().prefill("a", randomTokens(500, 5), never);
    assert.ok(greatestDifference(again.next(), fresh.next()) < 1e-5);
  });

  it("copies from the document and from what it has generated", async () => {
    const tokens = [
      ...randomTokens(40, 6),
      20,
      21,
      22,
      23,
      ...randomTokens(10, 7),
      20,
      21,
      22,
    ];
    const withCopies = await loaded.cache.prefill("copies", tokens, never);
    const without = await cacheOf().prefill("copies", tokens, never);
    const gain = (token: number) =>
      withCopies.next()[token]! / without.next()[token]!;
    assert.ok(
      gain(23) > 1.5 * gain(30),
      "what followed earlier is likelier than without copying",
    );
    await withCopies.push(23);
    assert.notDeepEqual(withCopies.next(), without.next());
  });
});

function greatestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce(
    (greatest, value, i) => Math.max(greatest, Math.abs(value - b[i]!)),
    0,
  );
}
