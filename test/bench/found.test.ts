import assert from "node:assert/strict";
import { NoWhiteSpace } from "../../bench/eval/found";
import { greedy } from "../../src/engine/sampling";
import { FakeTokenizer } from "../support/fakeTokenizer";

describe("a line behind its indentation", () => {
  const tokenizer = new FakeTokenizer(["    ", "  return", "x y"]);
  const ids = new Map<string, number>();
  for (let id = 0; id < tokenizer.vocabularySize; id++)
    ids.set(Buffer.from(tokenizer.bytesOf(id)).toString("latin1"), id);
  /** What is chosen where the texts are likely in this order. */
  const choice = (processor: NoWhiteSpace, ...texts: string[]) => {
    const probabilities = new Float32Array(tokenizer.vocabularySize);
    texts.forEach((text, rank) => {
      probabilities[ids.get(text)!] = 1 / (rank + 2);
    });
    const token = greedy(processor.process(probabilities));
    processor.accept(token);
    return Buffer.from(tokenizer.bytesOf(token)).toString();
  };

  it("is not indented further", () => {
    const processor = new NoWhiteSpace(tokenizer, 2);
    assert.equal(choice(processor, "    ", "  return", " "), "  return");
  });

  it("may be held in pieces", () => {
    const processor = new NoWhiteSpace(tokenizer, 2);
    assert.equal(choice(processor, "    ", " "), " ");
    assert.equal(choice(processor, "    ", " ", "a"), " ");
    assert.equal(choice(processor, "    ", " ", "a"), "a");
  });

  it("has white space in it", () => {
    const processor = new NoWhiteSpace(tokenizer, 0);
    assert.equal(choice(processor, " ", "x y"), "x y");
    assert.equal(choice(processor, " ", "x y"), " ");
  });
});
