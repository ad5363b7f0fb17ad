import assert from "node:assert/strict";
import fc from "fast-check";
import { SuffixIndex } from "../../src/copying/suffixIndex";
import { BpeTokenizer } from "../../src/tokenizer/bpe";
import { encode } from "../../src/tokenizer/tokenizer";
import { FakeTokenizer } from "../support/fakeTokenizer";
import { tinyTokenizer } from "../support/tinyModel";

const tokenizer = new BpeTokenizer(tinyTokenizer);
const tokensOf = (text: string) => encode(tokenizer, Buffer.from(text));

/** The indexed tokens in the order of the text. */
const indexed = ({ index }: SuffixIndex) => index.tail(index.length).reverse();

describe("text after the cursor", () => {
  let suffix: SuffixIndex;
  beforeEach(() => (suffix = new SuffixIndex(tokenizer, 8)));

  it("has the tokens of the text, however the cursor comes there", () => {
    const text = "\n  let a = 1;\n\n  in let\n}\n";
    for (const from of [text.length, 14, 0, 13, 0, text.length]) {
      suffix.update(text.slice(from));
      assert.deepEqual(indexed(suffix), tokensOf(text.slice(from)), `${from}`);
    }
  });

  it("reads CRLF as LF", () => {
    suffix.update("\nlet in\r\nlet\r\n");
    assert.deepEqual(indexed(suffix), tokensOf("\nlet in\nlet\n"));
  });

  it("equals a fresh one after any edits", () => {
    const line = fc.constantFrom(
      "\n",
      "\nlet in",
      "\n    let",
      "\nx",
      "\n\t💡",
    );
    const text = fc
      .array(line, { maxLength: 12 })
      .map((lines) => lines.join(""));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
        suffix = new SuffixIndex(tokenizer, 8);
        for (const next of texts) {
          suffix.update(next);
          assert.deepEqual(indexed(suffix), tokensOf(next));
        }
      }),
    );
  });

  it("keeps what the cursor leaves alone, and only what is near in a long document", () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `\nlet in ${i};`);
    const from = (line: number) => lines.slice(line).join("");
    suffix.update(from(5_000));
    const { length } = suffix.index;
    assert.ok(length > 4_000 && length < 40_000, `${length} tokens`);
    const end = indexed(suffix).slice(-100);
    suffix.update(`\nlet${from(5_000)}`);
    assert.equal(suffix.index.length, length + tokensOf("\nlet").length);
    suffix.update(from(5_100));
    assert.deepEqual(indexed(suffix).slice(-100), end);
    suffix.update(from(15_000));
    assert.deepEqual(
      indexed(suffix).slice(0, 50),
      tokensOf(from(15_000)).slice(0, 50),
    );
    suffix.update("");
    assert.equal(suffix.index.length, 0);
  });

  it("reads a CR alone as LF, too", () => {
    suffix.update("\rlet\r in\r");
    assert.deepEqual(indexed(suffix), tokensOf("\nlet\n in"));
  });

  describe("of a long document", () => {
    const kib = 1024;
    const bytes = new FakeTokenizer();
    beforeEach(() => (suffix = new SuffixIndex(bytes, 0)));

    it("is indexed whole up to 64 KiB, else 32 KiB of it", () => {
      suffix.update("x".repeat(64 * kib));
      assert.equal(suffix.index.length, 64 * kib);
      suffix.update("y".repeat(64 * kib + 1));
      assert.equal(suffix.index.length, 32 * kib);
    });

    it("ends with a line where one ends within 4 KiB", () => {
      const upTo = (line: number) =>
        "x".repeat(32 * kib + line) + "\n" + "y".repeat(40 * kib);
      for (const [line, length] of [
        [100, 32 * kib + 100],
        [4 * kib - 1, 36 * kib - 1],
        [4 * kib, 32 * kib],
      ] as const) {
        suffix = new SuffixIndex(bytes, 0);
        suffix.update(upTo(line));
        assert.equal(suffix.index.length, length);
      }
    });

    it("keeps its end while the cursor stays within 16 KiB to 64 KiB of it", () => {
      const text = "x\n".repeat(100 * kib);
      const lengthAt = (from: number) => {
        suffix.update(text.slice(from));
        return suffix.index.length;
      };
      const first = lengthAt(50 * kib);
      assert.ok(first >= 32 * kib && first <= 32 * kib + 2, String(first));
      assert.equal(lengthAt(40 * kib), first + 10 * kib);
      assert.equal(lengthAt(50 * kib + first - 16 * kib), 16 * kib);
      const moved = lengthAt(50 * kib + first - 16 * kib + 2);
      assert.ok(moved >= 32 * kib && moved <= 32 * kib + 2, String(moved));
    });

    it("keeps the end of a short document, however near", () => {
      const text = "x\n".repeat(20 * kib);
      suffix.update(text);
      suffix.update(text.slice(-10));
      assert.equal(suffix.index.length, 10);
    });
  });
});
