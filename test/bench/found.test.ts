import assert from "node:assert/strict";
import { greedyBehindIndentation } from "../../bench/eval/found";
import { FakeTokenizer } from "../support/fakeTokenizer";

describe("a line behind its indentation", () => {
  const tokenizer = new FakeTokenizer(["    ", "  return", "x y"]);
  const ids = new Map<string, number>();
  for (let id = 0; id < tokenizer.vocabularySize; id++)
    ids.set(Buffer.from(tokenizer.bytesOf(id)).toString("latin1"), id);
  /** What is chosen where the texts are likely in this order. */
  const choice = (
    choose: ReturnType<typeof greedyBehindIndentation>,
    ...texts: string[]
  ) => {
    const probabilities = new Float32Array(tokenizer.vocabularySize);
    texts.forEach((text, rank) => {
      probabilities[ids.get(text)!] = 1 / (rank + 2);
    });
    return Buffer.from(tokenizer.bytesOf(choose(probabilities))).toString();
  };

  it("is not indented further", () => {
    const choose = greedyBehindIndentation(tokenizer, 2);
    assert.equal(choice(choose, "    ", "  return", " "), "  return");
  });

  it("may be held in pieces", () => {
    const choose = greedyBehindIndentation(tokenizer, 2);
    assert.equal(choice(choose, "    ", " "), " ");
    assert.equal(choice(choose, "    ", " ", "a"), " ");
    assert.equal(choice(choose, "    ", " ", "a"), "a");
  });

  it("has white space in it", () => {
    const choose = greedyBehindIndentation(tokenizer, 0);
    assert.equal(choice(choose, " ", "x y"), "x y");
    assert.equal(choice(choose, " ", "x y"), " ");
  });
});
