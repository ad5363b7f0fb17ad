import assert from "node:assert/strict";
import { WordEnd } from "../../../src/completion/processors/wordEnd";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["word", "(word", "éa"]);

describe("word end", () => {
  it("forbids at the start what goes on with a word, and nothing later", () => {
    const even = new Float32Array(tokenizer.vocabularySize).fill(0.5);
    const processor = new WordEnd(tokenizer);
    const next = processor.process(even);
    const allowed = (text: string) =>
      next[
        [...even.keys()].find(
          (id) => Buffer.from(tokenizer.bytesOf(id)).toString() === text,
        )!
      ]! > 0;
    for (const text of ["word", "éa", "a", "Z", "0", "_"])
      assert.equal(allowed(text), false, text);
    for (const text of ["(word", "(", " ", "\n", "\0", ""])
      assert.equal(allowed(text), true, JSON.stringify(text));
    assert.ok(even.every((probability) => probability === 0.5));
    processor.accept();
    assert.equal(processor.process(even), even);
  });
});
