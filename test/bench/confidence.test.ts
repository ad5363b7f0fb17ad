import assert from "node:assert/strict";
import { endsIn, type Chance } from "../../bench/eval/confidence";

function chances(...tokens: [string, number][]): Chance[] {
  return tokens.map(([text, probability]) => ({
    bytes: Buffer.from(text),
    probability,
  }));
}

describe("ends of a generated text", () => {
  it("have the product of the tokens that they need", () => {
    // "fo" is held; "foo", "Bar" and "(a" are tokens.
    const tokens = chances(["foo", 0.5], ["Bar", 0.5], ["(a", 0.25]);
    assert.deepEqual(endsIn("oBar(a", tokens, 2), [
      { length: 4, confidence: 0.25 },
      // The bracket and the word are one token.
      { length: 5, confidence: 0.0625 },
      { length: 6, confidence: 0.0625 },
    ]);
  });

  it("are behind no white space, and within no character", () => {
    const [first, second] = [
      Buffer.from("é").subarray(0, 1),
      Buffer.from("é").subarray(1),
    ];
    const tokens = [
      { bytes: first, probability: 0.5 },
      { bytes: second, probability: 0.5 },
      ...chances([" ", 1], ["b", 0.5]),
    ];
    assert.deepEqual(endsIn("é b", tokens, 0), [
      { length: 1, confidence: 0.25 },
      { length: 3, confidence: 0.125 },
    ]);
  });

  it("are those of what is shown alone", () => {
    const tokens = chances(["a", 0.5], [", ", 1], ["b", 0.5], [")", 0.5]);
    assert.deepEqual(
      endsIn("a, b", tokens, 0).map(({ length }) => length),
      [1, 2, 4],
    );
    assert.deepEqual(endsIn("", tokens, 0), []);
    assert.deepEqual(endsIn("a, b", [], 0), []);
  });
});
