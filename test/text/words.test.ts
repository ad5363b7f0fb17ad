import assert from "node:assert/strict";
import { isWordByte, nameSource, splitsWord } from "../../src/text/words";

describe("words", () => {
  it("are letters, their marks, digits and underscores", () => {
    const text = "ab_1é e\u0301 字 $x";
    const splits = [...text].map((_, at) => Number(splitsWord(text, at)));
    assert.equal(splits.join(""), "0111100100000");
    assert.equal(splitsWord(text, text.length), false);
  });

  it("have the bytes of ASCII letters, digits and underscores, and all beyond ASCII", () => {
    const ascii = Array.from({ length: 128 }, (_, byte) => byte)
      .filter(isWordByte)
      .map((byte) => String.fromCharCode(byte))
      .join("");
    assert.equal(
      ascii,
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
    );
    assert.ok([128, 200, 255].every(isWordByte));
  });

  it("that are names begin with no digit and may have dollars", () => {
    const name = new RegExp(`^${nameSource}$`, "u");
    for (const is of ["a", "$", "_1", "naïve", "名前", "Ⅷ", "a$b2"])
      assert.match(is, name);
    for (const isNot of ["", "1a", "a-b", "a b", "\u0301a", "é!"])
      assert.doesNotMatch(isNot, name);
  });
});
