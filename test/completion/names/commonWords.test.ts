import assert from "node:assert/strict";
import { commonWords } from "../../../src/completion/names/commonWords";

describe("common words", () => {
  it("begin with what is typed, in the language", () => {
    assert.deepEqual(commonWords("javascript", "consol"), ["console"]);
    assert.deepEqual(commonWords("python", "retu"), ["return"]);
    assert.deepEqual(commonWords("python", "consol"), []);
    assert.deepEqual(commonWords("typescript", "interf"), ["interface"]);
    // Two letters are enough, for a word of five.
    assert.deepEqual(commonWords("python", "cl"), ["class", "classmethod"]);
    assert.deepEqual(commonWords("python", "pr"), ["print", "property"]);
  });

  it("may be what is typed, however short", () => {
    assert.deepEqual(commonWords("go", "func"), ["func"]);
    assert.deepEqual(commonWords("go", "fu"), []);
  });

  it("are none with a letter typed, nor in other languages", () => {
    assert.deepEqual(commonWords("javascript", "c"), []);
    assert.deepEqual(commonWords("constructor", "re"), []);
    assert.deepEqual(commonWords("plaintext", "retu"), []);
  });
});
