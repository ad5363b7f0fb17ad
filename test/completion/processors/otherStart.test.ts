import assert from "node:assert/strict";
import { OtherStart } from "../../../src/completion/processors/otherStart";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["re", "return", "foo"]);
const even = new Float32Array(tokenizer.vocabularySize).fill(0.5);
const idOf = (text: string) =>
  [...even.keys()].find(
    (id) => Buffer.from(tokenizer.bytesOf(id)).toString() === text,
  )!;
const forbidden = (processor: OtherStart) => {
  const next = processor.process(even);
  return [...even.keys()].filter((id) => next[id] === 0);
};

describe("other start", () => {
  it("forbids what others begin with, at the start alone", () => {
    const taken = [idOf("re"), idOf("foo")];
    const processor = new OtherStart(tokenizer, taken, 0);
    assert.deepEqual(forbidden(processor), taken);
    processor.accept(idOf("return"));
    assert.equal(processor.process(even), even);
  });

  it("waits until the bytes that are skipped have been written", () => {
    const taken = [idOf("re"), idOf("return")];
    const processor = new OtherStart(tokenizer, taken, 2);
    // `re` stands in the document already; only `return` goes on behind it.
    assert.deepEqual(forbidden(processor), [idOf("return")]);
    processor.accept(idOf("re"));
    assert.deepEqual(forbidden(processor), taken);
    processor.accept(idOf("foo"));
    assert.equal(processor.process(even), even);
  });

  it("forbids nothing where there are no others", () => {
    assert.equal(new OtherStart(tokenizer, [], 0).process(even), even);
  });
});
