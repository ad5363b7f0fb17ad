import assert from "node:assert/strict";
import fc from "fast-check";
import { SuffixIndex } from "../../src/copying/suffixIndex";
import { BpeTokenizer } from "../../src/tokenizer/bpe";
import { encode } from "../../src/tokenizer/tokenizer";
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
});
