import assert from "node:assert/strict";
import fc from "fast-check";
import { SuffixVectors, suffixTokens } from "../../src/runtime/suffixVectors";
import { ByteTokenizer } from "../../src/tokenizer/bytes";
import { bytesOfText, encode } from "../../src/tokenizer/tokenizer";
import { PrefixModel, vectorsOf } from "../support/prefixModel";

const never = new AbortController().signal;
const byteTokenizer = new ByteTokenizer();
const width = 2;
const start = [0, 20, 21, 1];
const tokensOf = (text: string) => encode(byteTokenizer, bytesOfText(text));

describe("vectors of the text behind the cursor's line", () => {
  let model: PrefixModel;
  let suffixes: SuffixVectors;
  beforeEach(() => {
    model = new PrefixModel();
    model.vectorWidth = width;
    suffixes = new SuffixVectors(model, byteTokenizer);
  });
  const read = (key: string, suffix: string, signal = never) => {
    suffixes.update(key, suffix);
    return suffixes.read(key, start, signal);
  };

  it("are those of the next line on, each with the token after it", async () => {
    assert.equal(suffixes.of("a"), undefined);
    await read("a", "\nlet b;\n");
    const text = tokensOf("let b;\n");
    const tokens = [...start, ...text.slice(0, 6)];
    assert.deepEqual(suffixes.of("a"), {
      vectors: vectorsOf([], tokens.slice(0, -1), width).slice(
        (start.length - 1) * width,
      ),
      next: text.slice(0, 6),
    });
    assert.equal(suffixes.bytes, tokens.length * width);
  });

  it("are the same whatever the line ends", async () => {
    await read("a", "\nlet b;\n}\n");
    const of = suffixes.of("a");
    for (const suffix of ["\r\nlet b;\r\n}\r\n", "\rlet b;\r}\r"]) {
      await read("b", suffix);
      assert.deepEqual(suffixes.of("b"), of);
    }
  });

  it("are those of the first tokens of a long one, with whatever is far behind", async () => {
    const lines = "\nlet b;".repeat(2 * suffixTokens);
    await read("a", lines);
    const { runs } = model;
    assert.equal(suffixes.of("a")!.next.length, suffixTokens);
    assert.equal(runs.flat().length, start.length + suffixTokens);
    await read("a", `${lines}\nlet c;`);
    assert.equal(runs.flat().length, start.length + suffixTokens);
  });

  it("are those of the present suffix alone, and come back with it", async () => {
    await read("a", "\nlet b;\n");
    const of = suffixes.of("a");
    suffixes.update("a", "\nlet c;\n");
    assert.equal(suffixes.of("a"), undefined);
    await suffixes.read("a", start, never);
    assert.notDeepEqual(suffixes.of("a")!.next, of!.next);
    const { length } = model.runs;
    await read("a", "\nlet b;\n");
    assert.deepEqual(suffixes.of("a"), of);
    assert.equal(model.runs.length, length);
  });

  it("are read again where the document has another path by now", async () => {
    await read("a", "\nlet b;\n");
    const of = suffixes.of("a");
    const other = [0, 22, 23, 1];
    await suffixes.read("a", other, never);
    const fresh = new SuffixVectors(model, byteTokenizer);
    fresh.update("a", "\nlet b;\n");
    await fresh.read("a", other, never);
    assert.deepEqual(suffixes.of("a"), fresh.of("a"));
    assert.notDeepEqual(suffixes.of("a")!.vectors, of!.vectors);
  });

  it("count with the state from which reading goes on, until all is read", async () => {
    const text = "let b;\n".repeat(8);
    const abort = new AbortController();
    model.onRun = () => abort.abort(new Error("typing"));
    await assert.rejects(read("a", text, abort.signal));
    const { bytes } = model.emptyState;
    const ofVectors = (start.length + text.length) * width;
    assert.equal(suffixes.bytes, ofVectors + bytes);
    await read("a", text);
    assert.equal(suffixes.bytes, ofVectors);
  });

  it("do not depend on what was read before, stopped or forgotten", async () => {
    const texts = ["", "\n", "\na", "\nlet b;\n", `\n${"x = 1;\n".repeat(9)}`];
    const step = fc.record({
      key: fc.constantFrom("a", "b"),
      text: fc.constantFrom(...texts),
      runs: fc.integer({ min: 0, max: 3 }),
      isForgotten: fc.boolean(),
    });
    const property = fc.asyncProperty(fc.array(step), async (steps) => {
      for (const { key, text, runs, isForgotten } of steps) {
        const abort = new AbortController();
        let left = runs;
        model.onRun = () => {
          if (left-- === 0) abort.abort(new Error("typing"));
        };
        await read(key, text, abort.signal).catch(() => undefined);
        if (isForgotten) suffixes.forget(key);
      }
      model.onRun = () => undefined;
      for (const text of texts) {
        await read("a", text);
        const fresh = new SuffixVectors(model, byteTokenizer);
        fresh.update("a", text);
        await fresh.read("a", start, never);
        assert.deepEqual(suffixes.of("a"), fresh.of("a"));
      }
    });
    await fc.assert(property, { numRuns: 30 });
  });

  it("are kept of the latest suffixes alone", async () => {
    for (let i = 0; i < 40; i++) await read(`document ${i}`, "\nlet b;\n");
    const each = suffixes.bytes / 16;
    assert.equal(each, (start.length + 6) * width);
    assert.equal(suffixes.of("document 23"), undefined);
    assert.notEqual(suffixes.of("document 24"), undefined);
  });

  it("are dropped with their document", async () => {
    await read("a", "\nlet b;\n");
    await read("b", "\nlet b;\n");
    suffixes.forget("a");
    assert.equal(suffixes.of("a"), undefined);
    assert.notEqual(suffixes.of("b"), undefined);
    await suffixes.read("a", start, never);
    assert.equal(suffixes.of("a"), undefined);
  });

  it("are none for a model that makes none", async () => {
    model.vectorWidth = undefined;
    await read("a", "\nlet b;\n");
    assert.deepEqual([model.runs, suffixes.of("a")], [[], undefined]);
  });
});
