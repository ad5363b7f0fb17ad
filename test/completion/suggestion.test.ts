import assert from "node:assert/strict";
import { minConfidence } from "../../src/completion/confidence";
import {
  confidenceOf,
  fromOffset,
  noTimings,
  silent,
  upTo,
  type Suggestion,
} from "../../src/completion/suggestion";

/** "one", " two" and " three", each half as likely as not. */
const suggestion: Suggestion = {
  text: "one two three",
  reason: "generated",
  tokens: [3, 7, 13].map((end, id) => ({
    id,
    end,
    logProbability: Math.log(0.5),
  })),
  timings: { ...noTimings, decodeTokens: 3 },
};
const ids = ({ tokens }: Suggestion) => tokens.map(({ id }) => id);

describe("a suggestion", () => {
  it("is as likely as all of its tokens together", () => {
    assert.ok(Math.abs(confidenceOf(suggestion) - 0.125) < 1e-12);
    assert.equal(confidenceOf({ tokens: [] }), 1);
  });

  it("keeps the tokens of its first part, the one that is cut included", () => {
    for (const [end, left] of [
      [0, []],
      [1, [0]],
      [3, [0]],
      [4, [0, 1]],
      [7, [0, 1]],
      [12, [0, 1, 2]],
    ] as const) {
      const part = upTo(suggestion, end);
      assert.equal(part.text, suggestion.text.slice(0, end));
      assert.deepEqual(ids(part), left, `up to ${end}`);
    }
    assert.equal(upTo(suggestion, 13), suggestion);
    assert.equal(upTo(suggestion, 99), suggestion);
  });

  it("keeps the tokens of its rest, whose ends count from there", () => {
    const rest = fromOffset(suggestion, 5, "typed through");
    assert.equal(rest.text, "wo three");
    assert.deepEqual(ids(rest), [1, 2]);
    assert.deepEqual(
      rest.tokens.map(({ end }) => end),
      [2, 8],
    );
    assert.equal(rest.reason, "typed through");
    assert.equal(rest.timings.decodeTokens, 0);
    assert.deepEqual(ids(fromOffset(suggestion, 3, "in flight")), [1, 2]);
  });

  it("that is none keeps its reason", () => {
    const none = silent("mid-word", { stop: "token limit" });
    assert.deepEqual(
      [none.text, none.reason, none.stop, none.tokens, none.timings],
      ["", "mid-word", "token limit", [], noTimings],
    );
    assert.equal(fromOffset(none, 0, "in flight").reason, "mid-word");
  });

  it("needs the less confidence the more often one wants them, and none by hand", () => {
    const levels = (["often", "balanced", "rare"] as const).map((often) =>
      minConfidence(often, "automatic"),
    );
    for (const kind of ["short", "line", "lines", "newWord"] as const) {
      const rising = levels.map((level) => level[kind]);
      assert.deepEqual(
        rising,
        rising.toSorted((a, b) => a - b),
      );
      assert.ok(rising[0]! > 0 && rising[2]! < 1);
      assert.equal(minConfidence("rare", "invoked")[kind], 0);
    }
  });
});
