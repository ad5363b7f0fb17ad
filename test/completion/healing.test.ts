import assert from "node:assert/strict";
import fc from "fast-check";
import { heal } from "../../src/completion/healing";
import { encode } from "../../src/tokenizer/tokenizer";
import { endOfText, FakeTokenizer } from "../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["re", "tu", "return", " value", "foo"]);
const textOf = (tokens: readonly number[]) =>
  Buffer.concat(tokens.map((token) => tokenizer.bytesOf(token))).toString();
const healText = (text: string) => {
  const tokens = [endOfText, ...encode(tokenizer, Buffer.from(text))];
  const { tokens: kept, healedPrefix } = heal(tokenizer, tokens, 1);
  return [textOf(kept), Buffer.from(healedPrefix).toString()];
};

describe("healing", () => {
  it("goes back to the start of the word", () => {
    assert.deepEqual(healText("x = retu"), ["x =", " retu"]);
    assert.deepEqual(healText("(retu"), ["(", "retu"]);
    assert.deepEqual(healText("foo1"), ["", "foo1"]);
  });

  it("takes off the last piece where no word is", () => {
    assert.deepEqual(healText("foo("), ["foo", "("]);
    assert.deepEqual(healText("x = "), ["x =", " "]);
  });

  it("keeps tokens that are no text", () => {
    assert.deepEqual(heal(tokenizer, [endOfText, endOfText], 2).tokens, [
      endOfText,
      endOfText,
    ]);
    assert.equal(heal(tokenizer, [endOfText], 1).healedPrefix.length, 0);
  });

  it("does not go back over a word without end", () => {
    const [kept, held] = healText("(" + "1".repeat(500));
    assert.equal(held, "1");
    assert.equal(kept!.length, 500);
  });

  it("holds to bytes that follow", () => {
    const tokens = encode(tokenizer, Buffer.from("x."));
    const { healedPrefix } = heal(tokenizer, tokens, 0, Buffer.from("name"));
    assert.equal(Buffer.from(healedPrefix).toString(), ".name");
  });

  it("neither loses nor adds a byte", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        assert.equal(healText(text).join(""), Buffer.from(text).toString());
      }),
    );
  });
});
