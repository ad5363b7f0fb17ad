import assert from "node:assert/strict";
import { bytesOf, wordStarts } from "../../src/completion/tokenText";
import { endOfText, FakeTokenizer } from "../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["word", " word"]);

describe("the text of a token", () => {
  it("is none for a row of the network that is no token", () => {
    const { vocabularySize } = tokenizer;
    assert.equal(Buffer.from(bytesOf(tokenizer, 0)).toString(), "\0");
    assert.equal(
      Buffer.from(bytesOf(tokenizer, vocabularySize - 1)).toString(),
      " word",
    );
    for (const none of [-1, endOfText, vocabularySize, vocabularySize + 1])
      assert.equal(bytesOf(tokenizer, none).length, 0, `${none}`);
  });

  it("begins with a word or does not, which is found out once", () => {
    const starts = wordStarts(tokenizer);
    assert.equal(starts.length, tokenizer.vocabularySize);
    const [word, space] = [endOfText + 1, endOfText + 2];
    assert.deepEqual([starts[word], starts[space]], [1, 0]);
    assert.deepEqual(
      [starts[0x61], starts[0x20], starts[endOfText]],
      [1, 0, 0],
    );
    assert.equal(wordStarts(tokenizer), starts);
  });
});
