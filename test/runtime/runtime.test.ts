import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { OnnxModel } from "../../src/engine/onnxModel";
import type { LanguageModel, State } from "../../src/engine/model";
import { seededRandom, softmax } from "../../src/engine/sampling";
import { loadModel, type LoadedModel } from "../../src/runtime/loadedModel";
import { CopyIndex } from "../../src/copying/copyIndex";
import {
  processBytesPerCountedByte,
  Runtime,
  type Context,
} from "../../src/runtime/runtime";
import { StateStore } from "../../src/state/stateStore";
import {
  bytesOfText,
  encode,
  type Tokenizer,
} from "../../src/tokenizer/tokenizer";
import { makeTinyModel, type TinyModel } from "../support/tinyModel";

const never = new AbortController().signal;

/** Notes the tokens that the model is made to run. */
class CountingModel implements LanguageModel {
  ran = 0;
  readonly read: number[] = [];
  /** Called after each run was counted. */
  onRun: () => void = () => undefined;
  constructor(private readonly model: LanguageModel) {}
  get vocabularySize() {
    return this.model.vocabularySize;
  }
  get emptyState() {
    return this.model.emptyState;
  }
  readonly runLength = 16;
  readonly msPerToken = 1;
  get vectorWidth() {
    return this.model.vectorWidth;
  }
  step(
    tokens: ArrayLike<number>,
    state: State,
    read?: readonly number[],
    neighbours?: Uint8Array,
  ) {
    this.ran += tokens.length;
    this.read.push(...Array.from(tokens));
    this.onRun();
    return this.model.step(tokens, state, read, neighbours);
  }
  advance(tokens: ArrayLike<number>, state: State) {
    this.ran += tokens.length;
    this.read.push(...Array.from(tokens));
    this.onRun();
    return this.model.advance(tokens, state);
  }
  dispose() {
    return this.model.dispose();
  }
}

describe("runtime", () => {
  let tiny: TinyModel;
  let loaded: LoadedModel;
  let model: CountingModel;
  const cacheOf = (budgetBytes = 1e9) =>
    new Runtime(model, {
      budgetBytes,
      tokenizer: loaded.tokenizer,
      firstText: 8,
    });
  const randomTokens = (count: number, seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, () => 8 + Math.floor(random() * 256));
  };

  /** What an empty cache gives, reading all from the start. */
  const freshly = async (tokens: readonly number[]) => {
    let state = model.emptyState;
    for (let i = 0; i < tokens.length - 1; i += 50)
      state = await loaded.network.advance(
        tokens.slice(i, Math.min(i + 50, tokens.length - 1)),
        state,
      );
    return softmax(
      (await loaded.network.step(tokens.slice(-1), state)).logits,
    ).slice();
  };

  before(async () => {
    tiny = await makeTinyModel();
    loaded = await loadModel(tiny.folder, {
      threads: 1,
      memoryBudget: 1e9,
      signal: never,
    });
    assert.ok(loaded.network instanceof OnnxModel);
  });
  beforeEach(() => (model = new CountingModel(loaded.network)));
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
    // States are kept at even positions: of the last one or two tokens none.
    assert.equal(model.ran, 3);
    assert.equal(next.prefilled.run, 3);
    const after = await cache.prefill("a", [...tokens, 20, 21], never);
    assert.equal(after.prefilled.run, 2);
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

  it("runs at most 512 tokens wherever one edits, and is exact where it has read", async () => {
    const cache = cacheOf();
    let tokens = randomTokens(4000, 3);
    await cache.readAhead("a", tokens, never);
    const random = seededRandom(8);
    for (let i = 0; i < 20; i++) {
      const at = 1 + Math.floor(random() * (tokens.length - 1));
      tokens = [...tokens.slice(0, at), 9, 9, ...tokens.slice(at)];
      model.ran = 0;
      const before = tokens.slice(0, at + 2);
      const { prefilled } = await cache.prefill("a", before, never);
      assert.equal(model.ran, prefilled.run);
      assert.ok(prefilled.run <= 512, `${prefilled.run} tokens after an edit`);
      // What lies behind an edit has to be read again, as the server does while nothing is asked.
      if (prefilled.exact) await cache.readAhead("a", tokens, never);
    }
    const cached = await cache.prefill("a", tokens, never);
    assert.ok(cached.prefilled.exact);
    assert.ok(greatestDifference(cached.next(), await freshly(tokens)) < 1e-5);
  });

  it("has a window serve where it has not read, says so, and is exact once it has", async () => {
    const cache = cacheOf();
    const tokens = randomTokens(3000, 9);
    const first = await cache.prefill("a", tokens, never);
    assert.deepEqual(first.prefilled, {
      run: 512,
      from: "window",
      exact: false,
      distance: 2999,
    });
    assert.equal(model.ran, 512);
    const typed = await cache.prefill("a", [...tokens, 20], never);
    assert.equal(typed.prefilled.run, 3, "typing goes on from the window");
    assert.equal(typed.prefilled.exact, false);

    await cache.readAhead("a", [...tokens, 20], never);
    const exact = await cache.prefill("a", [...tokens, 20], never);
    assert.equal(exact.prefilled.exact, true);
    assert.equal(exact.prefilled.run, 1);
    assert.ok(
      greatestDifference(exact.next(), await freshly([...tokens, 20])) < 1e-5,
    );
    assert.equal(cache.report("a")?.approximate, 0);
  });

  it("keeps the document's start in a window", async () => {
    const cache = new Runtime(model, {
      budgetBytes: 1e9,
      tokenizer: loaded.tokenizer,
      firstText: 8,
      startLength: () => 5,
    });
    const tokens = randomTokens(3000, 10);
    const { prefilled } = await cache.prefill("a", tokens, never);
    assert.equal(prefilled.run, 512);
    assert.equal(model.ran, 512);
    assert.deepEqual(model.read, [
      ...tokens.slice(0, 5),
      ...tokens.slice(-507),
    ]);
  });

  it("reads on where it was stopped", async () => {
    const cache = cacheOf();
    const tokens = randomTokens(2000, 11);
    const abort = new AbortController();
    model.onRun = () => {
      if (model.ran >= 600) abort.abort(new Error("typing"));
    };
    await assert.rejects(cache.readAhead("a", tokens, abort.signal), /typing/);
    const first = model.ran;
    assert.ok(first < 2000, `${first} tokens before it stopped`);
    await cache.readAhead("a", tokens, never);
    assert.ok(model.ran <= 2000 + 512, `${model.ran} tokens in all`);
  });

  it("finds states of an earlier process on disk", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rwkv-states-"));
    const openStore = () =>
      StateStore.open(folder, {
        model: "ab".repeat(32),
        emptyState: model.emptyState,
        vectorWidth: model.vectorWidth,
        limit: 1e8,
      });
    const withStore = async () =>
      new Runtime(model, {
        budgetBytes: 1e9,
        tokenizer: loaded.tokenizer,
        firstText: 8,
        store: await openStore(),
      });
    try {
      const tokens = randomTokens(6000, 12);
      const cache = await withStore();
      await cache.readAhead("a", tokens, never);
      await cache.prefill("a", tokens, never);
      await cache.save("a", new AbortController().signal);
      const saved = readdirSync(folder).length;
      assert.ok(saved >= 2 && saved <= 4, `${saved} states of 6,000 tokens`);

      const later = await withStore();
      model.ran = 0;
      const again = await later.prefill("a", tokens, never);
      assert.deepEqual(again.prefilled, {
        run: 2,
        from: "saved state",
        exact: true,
        distance: 1,
      });
      assert.equal(model.ran, 2);
      assert.ok(greatestDifference(again.next(), await freshly(tokens)) < 1e-5);

      const edited = [...tokens.slice(0, 5990), 9, 9, 9];
      const other = await (await withStore()).prefill("a", edited, never);
      assert.equal(other.prefilled.from, "window");
      model.ran = 0;
      await later.readAhead("a", edited, never);
      assert.ok(model.ran < 2600, `${model.ran} tokens from the state before`);
    } finally {
      rmSync(folder, { recursive: true });
    }
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

  it("stays inside its budget, giving up what saves the fewest tokens", async () => {
    const budget = 80 * model.emptyState.bytes;
    const cache = cacheOf(budget);
    const documents = [..."abcdef"].map((key) => ({
      key,
      tokens: randomTokens(1500, key.charCodeAt(0)),
    }));
    for (const { key, tokens } of documents) {
      await cache.readAhead(key, tokens, never);
      await cache.prefill(key, tokens, never);
      assert.ok(
        cache.usedBytes <= budget,
        `${cache.usedBytes} bytes of ${budget}`,
      );
    }
    model.ran = 0;
    await cache.prefill("f", documents.at(-1)!.tokens, never);
    assert.ok(model.ran <= 2, "the latest document is still there");
    cache.budgetBytes = budget / 4;
    assert.ok(cache.usedBytes <= budget / 4);
    for (const { key } of documents) cache.forget(key);
    assert.equal(cache.usedBytes, 0);
  });

  it("holds nothing of a document that is forgotten while it is read", async () => {
    const cache = cacheOf();
    const reading = cache.prefill("a", randomTokens(400, 13), never);
    setImmediate(() => cache.forget("a"));
    await reading;
    assert.equal(cache.usedBytes, 0);
    assert.equal(cache.report("a"), undefined);
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
    const withCopies = await loaded.runtime.prefill("copies", tokens, never);
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

  it("copies from the text after the cursor, and from other documents", async () => {
    const { runtime, tokenizer } = loaded;
    const of = (text: string) => encode(tokenizer, Buffer.from(text));
    const tokens = of("let\nabc");
    const [next] = of("x");
    const alone = (await runtime.prefill("here", tokens, never)).next().slice();
    const withSuffix = await runtime.prefill("here", tokens, never, {
      suffix: "\nabcx\n",
    });
    assert.ok(withSuffix.next()[next!]! > 1.5 * alone[next!]!);

    runtime.indexDocument("there", of("let\nabcx"), "");
    const others = { others: ["there", "nowhere"] };
    const copied = await runtime.prefill("here", tokens, never, others);
    assert.ok(copied.next()[next!]! > 1.5 * alone[next!]!);
    runtime.forget("there");
    const gone = await runtime.prefill("here", tokens, never, others);
    assert.deepEqual(gone.next(), alone);
  });

  it("tokenises the text after the cursor once, though more is read meanwhile", async () => {
    let tokenised = 0;
    const { tokenizer } = loaded;
    const counting: Tokenizer = {
      vocabularySize: tokenizer.vocabularySize,
      lookahead: tokenizer.lookahead,
      bytesOf: (token) => tokenizer.bytesOf(token),
      pieces: (bytes) => {
        tokenised += bytes.length;
        return tokenizer.pieces(bytes);
      },
    };
    const runtime = new Runtime(model, {
      budgetBytes: 1e9,
      tokenizer: counting,
      firstText: 8,
    });
    const tokens = randomTokens(40, 3);
    const suffix = "\nlet a = 1;\nlet b = 2;\n";
    await runtime.readAhead("a", tokens, never, suffix);
    assert.equal(tokenised, suffix.length);
    await runtime.readAhead("a", [...tokens, ...randomTokens(40, 4)], never);
    await runtime.prefill("a", [...tokens, 20], never, { suffix });
    assert.equal(tokenised, suffix.length);
  });

  describe("compares with other files", () => {
    /** Notes which vectors the last step was compared with. */
    class Compared extends CountingModel {
      neighbours = new Uint8Array(0);
      override step(...given: Parameters<CountingModel["step"]>) {
        this.neighbours = Uint8Array.from(given[3] ?? []);
        return super.step(...given);
      }
    }
    let network: Compared;
    let cache: Runtime;
    const text = randomTokens(101, 5);
    const indexOf = (seed: number) => {
      const index = new CopyIndex(8);
      index.update(randomTokens(30, seed));
      return index;
    };
    /** How many vectors the last token of the text is compared with, those of the text left out. */
    const comparedWith = async (context: Context) => {
      await cache.prefill("a", text, never, context);
      return network.neighbours.length / network.vectorWidth! - 100;
    };
    beforeEach(() => {
      network = new Compared(loaded.network);
      cache = new Runtime(network, {
        ...loaded.sources,
        budgetBytes: 1e9,
        tokenizer: loaded.tokenizer,
      });
    });

    it("that have been read, six at most, of open ones three while there are others", async () => {
      const more = Array.from({ length: 8 }, (_, i) => indexOf(i));
      const others = ["b", "c", "d", "e"];
      assert.equal(await comparedWith({ more, others }), 0);
      for (const index of more) await cache.readFile(index, [0, 1], never);
      assert.equal(await comparedWith({ more }), 6 * 30);
      for (const key of others)
        await cache.readAhead(key, randomTokens(21, 9), never);
      assert.equal(await comparedWith({ more, others }), 3 * 20 + 3 * 30);
      assert.equal(await comparedWith({ others }), 4 * 20);
      assert.equal(await comparedWith({ others: ["b"], more }), 20 + 5 * 30);
      assert.equal(await comparedWith({}), 0);
    });

    it("and with the text behind the cursor's line, once it has been read", async () => {
      const suffix = "\nlet b;\n";
      const read = () => cache.readSuffix("a", [0, 1], never);
      assert.equal(await comparedWith({ suffix }), 0);
      await read();
      const { length } = encode(loaded.tokenizer, bytesOfText("let b;\n"));
      // Runs are even.
      const even = length - (length % 2);
      assert.equal(await comparedWith({ suffix }), even);
      assert.equal(await comparedWith({}), 0);
      assert.equal(await comparedWith({ suffix: "\nlet c;\n" }), 0);
      const more = [indexOf(1)];
      await cache.readFile(more[0]!, [0, 1], never);
      assert.equal(await comparedWith({ suffix, more }), 30 + even);
      cache.forget("a");
      assert.equal(await comparedWith({ suffix }), 0);
    });

    it("and expects more what followed behind the cursor, and more than in another file", async () => {
      const of = (text: string) => encode(loaded.tokenizer, bytesOfText(text));
      const tokens = of("let b;\nlet b");
      const [next] = of(";");
      const recalled = async (context: Context) =>
        (await cache.prefill("a", tokens, never, context)).sharesOf(next!)
          .recalled;
      const alone = await recalled({});
      const suffix = "\nlet b;";
      await cache.readSuffix("a", [], never, suffix);
      const behind = await recalled({ suffix });
      const more = [new CopyIndex(8)];
      more[0]!.update(of("let b;"));
      await cache.readFile(more[0]!, [], never);
      const elsewhere = await recalled({ more });
      assert.ok(behind > alone, `${behind} > ${alone}`);
      assert.ok(elsewhere > alone, `${elsewhere} > ${alone}`);
      assert.notEqual(behind, elsewhere);
    });

    it("and expects more what followed there", async () => {
      const index = new CopyIndex(8);
      index.update([...text, 200]);
      const shares = async () => {
        const more = [index];
        const after = await cache.prefill("a", text, never, { more });
        after.next().forEach((p, token) => {
          const { network, copied, idiom, recalled } = after.sharesOf(token);
          const whole = network + copied + idiom + recalled;
          assert.ok(Math.abs(whole - p) < 1e-6);
        });
        return after.sharesOf(200).recalled;
      };
      assert.equal(await shares(), 0);
      await cache.readFile(index, [], never);
      const recalled = await shares();
      assert.ok(recalled > 0.001, `${recalled}`);
    });

    it("counts their bytes", async () => {
      const before = cache.usedBytes;
      await cache.readFile(indexOf(1), [], never);
      assert.equal(
        cache.usedBytes - before,
        processBytesPerCountedByte * 30 * network.vectorWidth!,
      );
      await cache.readSuffix("a", randomTokens(4, 1), never, "\n");
      assert.equal(
        cache.usedBytes - before,
        processBytesPerCountedByte * 34 * network.vectorWidth!,
      );
    });

    it("reads nothing behind a cursor where it is stopped at once", async () => {
      const reason = new Error("typing");
      await assert.rejects(
        cache.readSuffix("a", [], AbortSignal.abort(reason), "\nlet b;"),
        reason,
      );
      assert.equal(network.ran, 0);
    });
  });
});

function greatestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce(
    (greatest, value, i) => Math.max(greatest, Math.abs(value - b[i]!)),
    0,
  );
}
