import assert from "node:assert/strict";
import { detachString } from "../../src/tokenizer/detachString";

describe("a text in memory of its own", () => {
  it("is the same text, with halves of characters and marks", () => {
    for (const text of [
      "",
      "a\r\nb",
      "é 漢 😀",
      "\ud83d",
      "a\ude00b",
      "\ufeffa",
    ])
      assert.equal(detachString(text), text, JSON.stringify(text));
  });
});
