import assert from "node:assert/strict";
import { endsOf } from "../../bench/eval/confidence";

/** A suggestion of some pieces of text, one a token. */
function suggestion(...pieces: [string, number][]) {
  let text = "";
  const tokens = pieces.map(([piece, probability], id) => {
    text += piece;
    return { id, logProbability: Math.log(probability), end: text.length };
  });
  return { text, tokens };
}

const ends = (...pieces: [string, number][]) =>
  endsOf(suggestion(...pieces)).map(({ length, confidence }) => [
    length,
    +confidence.toFixed(6),
  ]);

describe("ends of a generated text", () => {
  it("have the product of the tokens that they need", () => {
    // The bracket and the word are one token.
    assert.deepEqual(ends(["o", 0.5], ["Bar", 0.5], ["(a", 0.25]), [
      [4, 0.25],
      [5, 0.0625],
      [6, 0.0625],
    ]);
  });

  it("are behind no white space, and within no character", () => {
    // The first token ends within a character, and so has no text yet.
    assert.deepEqual(ends(["", 0.5], ["é", 0.5], [" ", 1], ["b", 0.5]), [
      [1, 0.25],
      [3, 0.125],
    ]);
  });

  it("are those of what is shown alone", () => {
    const whole = suggestion(["a", 0.5], [", ", 1], ["b", 0.5], [")", 0.5]);
    const lengths = (text: string) =>
      endsOf({ ...whole, text }).map(({ length }) => length);
    assert.deepEqual(lengths("a, b"), [1, 2, 4]);
    assert.deepEqual(lengths(""), []);
    assert.deepEqual(endsOf({ text: "a, b", tokens: [] }), []);
  });
});
