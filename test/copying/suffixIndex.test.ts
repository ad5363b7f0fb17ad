import assert from "node:assert/strict";
import fc from "fast-check";
import { TextBehind } from "../../src/copying/suffixIndex";
import { BpeTokenizer } from "../../src/tokenizer/bpe";
import { encode } from "../../src/tokenizer/tokenizer";
import { tinyTokenizer } from "../support/tinyModel";

const tokenizer = new BpeTokenizer(tinyTokenizer);
const tokensOf = (text: string) => encode(tokenizer, Buffer.from(text));

/** The indexed tokens in the order of the text. */
const indexed = ({ index }: TextBehind) => index.tail(index.length).reverse();

describe("text behind", () => {
  let behind: TextBehind;
  beforeEach(() => (behind = new TextBehind(tokenizer, 8)));

  it("has the tokens of the text, however the cursor comes there", () => {
    const text = "\n  let a = 1;\n\n  in let\n}\n";
    for (const from of [text.length, 14, 0, 13, 0, text.length]) {
      behind.follow(text.slice(from));
      assert.deepEqual(indexed(behind), tokensOf(text.slice(from)), `${from}`);
    }
  });

  it("reads CRLF as LF", () => {
    behind.follow("\nlet in\r\nlet\r\n");
    assert.deepEqual(indexed(behind), tokensOf("\nlet in\nlet\n"));
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
        behind = new TextBehind(tokenizer, 8);
        for (const next of texts) {
          behind.follow(next);
          assert.deepEqual(indexed(behind), tokensOf(next));
        }
      }),
    );
  });

  it("keeps what the cursor leaves alone, and only what is near in a long document", () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `\nlet in ${i};`);
    const from = (line: number) => lines.slice(line).join("");
    behind.follow(from(5_000));
    const { length } = behind.index;
    assert.ok(length > 4_000 && length < 40_000, `${length} tokens`);
    const end = indexed(behind).slice(-100);
    behind.follow(`\nlet${from(5_000)}`);
    assert.equal(behind.index.length, length + tokensOf("\nlet").length);
    behind.follow(from(5_100));
    assert.deepEqual(indexed(behind).slice(-100), end);
    behind.follow(from(15_000));
    assert.deepEqual(
      indexed(behind).slice(0, 50),
      tokensOf(from(15_000)).slice(0, 50),
    );
    behind.follow("");
    assert.equal(behind.index.length, 0);
  });
});
