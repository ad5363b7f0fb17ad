import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenisedDocument } from "../../src/tokenizer/tokenisedDocument";
import { BpeTokenizer } from "../../src/tokenizer/bpe";
import { bytesOfText, encode } from "../../src/tokenizer/tokenizer";
import { tinyTokenizer } from "../support/tinyModel";

const tokenizer = new BpeTokenizer(tinyTokenizer);

describe("tokenised document", () => {
  it("puts the start tokens before the text's", () => {
    const document = new TokenisedDocument(tokenizer, [0, 1], "let");
    assert.deepEqual(document.tokensBefore(3), [0, 1, 265]);
    assert.deepEqual(document.tokensBefore(2), [0, 1, 264]);
    assert.deepEqual(document.tokensBefore(0), [0, 1]);
  });

  it("reads CRLF as LF", () => {
    const crlf = new TokenisedDocument(tokenizer, [], "a\r\nb");
    const lf = new TokenisedDocument(tokenizer, [], "a\nb");
    assert.deepEqual(crlf.tokensBefore(4), lf.tokensBefore(3));
  });

  it("leaves out half a surrogate pair and half a line end before the place", () => {
    const document = new TokenisedDocument(tokenizer, [], "x😀\r\n");
    assert.deepEqual(document.tokensBefore(2), document.tokensBefore(1));
    assert.deepEqual(document.tokensBefore(4), document.tokensBefore(3));
  });

  it("has the tokens of a fresh tokenisation after any edits, wherever it is asked", () => {
    fc.assert(
      fc.property(
        text(),
        fc.array(fc.tuple(fc.nat(), fc.nat(), text(), fc.nat())),
        (start, edits) => {
          const document = new TokenisedDocument(tokenizer, [0, 1], start);
          let now = start;
          for (const [a, b, replacement, asked] of edits) {
            const from = Math.min(a % (now.length + 1), b % (now.length + 1));
            const to = Math.max(a % (now.length + 1), b % (now.length + 1));
            document.edit(from, to, replacement);
            now = now.slice(0, from) + replacement + now.slice(to);
            const offset = asked % (now.length + 1);
            assert.deepEqual(
              document.tokensBefore(offset),
              freshTokens(now.slice(0, offset)),
            );
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

function freshTokens(before: string): number[] {
  const settled = before
    .replace(/[\r\ud800-\udbff]$/, "")
    .replaceAll("\r\n", "\n");
  return [0, 1, ...encode(tokenizer, bytesOfText(settled))];
}

function text() {
  const parts = [
    "let",
    "in",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\r",
    "\n    ",
    "1",
    "234",
    "((",
    ";",
    "é",
    "中文",
    "😀",
    "\ud83d",
    "\ude00",
  ];
  return fc
    .array(fc.constantFrom(...parts), { maxLength: 20 })
    .map((all) => all.join(""));
}
