import assert from "node:assert/strict";
import fc from "fast-check";
import { keepTypedPast } from "../../src/completion/typedPast";
import type { Suggestion } from "../../src/completion/suggestion";
import { suggestionOf } from "../support/suggestions";

type Part = readonly [text: string, probability: number];

/** A suggestion of parts, each with its probability. */
function made(...parts: readonly Part[]): Suggestion {
  let end = 0;
  return {
    ...suggestionOf(parts.map(([text]) => text).join("")),
    tokens: parts.map(([text, probability]) => ({
      id: 1,
      logProbability: Math.log(probability),
      end: (end += text.length),
    })),
  };
}

/** Whether a suggestion of one word is kept after some keys, where the least confidence is `least`. */
function isKept(confidence: number, keys: number, least: number): boolean {
  return keepTypedPast(made(["ab", confidence]), keys, least).text === "ab";
}

describe("confidence in what was typed past", () => {
  it("falls with every key, and never for what is certain", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (confidence, keys, least) => {
          if (isKept(confidence, keys + 1, least))
            assert.ok(isKept(confidence, keys, least));
          assert.ok(!isKept(confidence, keys, confidence));
        },
      ),
    );
    assert.ok(isKept(0.5, 0, 1), "nothing was typed past");
    assert.ok(isKept(1, 9, 1));
  });

  it("follows Bayes' rule", () => {
    // Of 100 users 60 want it. 3 of these look at nothing; of 57 two fifths take it at each key.
    for (const [keys, left] of [
      [1, 3 + 34.2],
      [2, 3 + 20.52],
    ] as const) {
      const expected = left / (left + 40);
      assert.ok(isKept(0.6, keys, expected - 1e-12));
      assert.ok(!isKept(0.6, keys, expected + 1e-12));
    }
  });
});

describe("what was typed past", () => {
  const least = 0.45;
  const kept = (keys: number, ...parts: Part[]) =>
    keepTypedPast(made(...parts), keys, least).text;

  it("is kept as a whole where it is likely enough", () => {
    assert.equal(kept(0, ["ab", 0.3]), "ab");
    assert.equal(kept(1, ["ab", 0.9], ["(c)", 0.95]), "ab(c)");
    assert.equal(kept(1, ["ab", 0.7], ["\n  c", 0.99]), "ab\n  c");
  });

  it("keeps its first words where they are", () => {
    assert.equal(kept(2, ["ab", 0.9], ["(c", 0.6]), "ab");
    assert.equal(kept(2, ["ab", 0.9], ["(", 0.95], ["c", 0.6]), "ab(");
    // Not a part of a word.
    assert.equal(kept(2, ["ab", 0.9], ["cd", 0.6], [";", 1]), "");
  });

  it("keeps several lines as a whole or not at all", () => {
    const first = [
      ["ab", 0.9],
      [";", 0.95],
    ] as const;
    assert.equal(kept(1, ...first, ["\n", 0.98], ["c", 0.6]), "ab;");
    assert.equal(kept(1, ...first, ["\n", 0.98], ["c", 0.99]), "ab;\nc");
  });

  it("is silent where nothing is likely enough, or only blanks are", () => {
    const silent = keepTypedPast(made(["ab", 0.5]), 2, least);
    assert.deepEqual([silent.text, silent.reason], ["", "not sure enough"]);
    assert.equal(kept(2, ["  ", 0.9], ["ab", 0.6]), "");
  });
});
