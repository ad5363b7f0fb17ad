import assert from "node:assert/strict";
import { alternativesTo } from "../../src/completion/alternatives";
import { suggestionOf } from "../support/suggestions";

/** The alternatives to "first" when these are made one after the other, and how often one was asked for. */
async function alternatives(most: number, ...texts: readonly string[]) {
  const asked: string[][] = [];
  const made = await alternativesTo(suggestionOf("first"), most, (taken) => {
    asked.push(taken.map(({ text }) => text));
    return Promise.resolve(suggestionOf(texts[asked.length - 1] ?? ""));
  });
  return { texts: made.map(({ text }) => text), asked };
}

describe("alternatives", () => {
  it("are as many as are wanted, each made with those before it", async () => {
    const { texts, asked } = await alternatives(2, "second", "third", "fourth");
    assert.deepEqual(texts, ["second", "third"]);
    assert.deepEqual(asked, [["first"], ["first", "second"]]);
    assert.deepEqual((await alternatives(0, "second")).asked, []);
  });

  it("end with the first that is none", async () => {
    const { texts, asked } = await alternatives(3, "second", "", "third");
    assert.deepEqual(texts, ["second"]);
    assert.equal(asked.length, 2);
  });

  it("end with one that begins another text, or goes on with it", async () => {
    for (const same of [
      "first",
      "fir",
      "first()",
      "second",
      "sec",
      "second;",
    ]) {
      const { texts } = await alternatives(3, "second", same, "third");
      assert.deepEqual(texts, ["second"], same);
    }
  });
});
