import assert from "node:assert/strict";
import fc from "fast-check";
import { leastOf } from "../../bench/eval/suggestionSettings";
import { minConfidence } from "../../src/completion/confidence";
import { suggestionsValues } from "../../src/protocol";

describe("what a setting of the evaluation asks for", () => {
  const [often, balanced, rare] = suggestionsValues.map((value) =>
    minConfidence(value, "automatic"),
  );
  const kinds = ["short", "line", "lines", "newWord"] as const;

  it("is what the product asks for with that value, by its name or its threshold", () => {
    for (const value of suggestionsValues) {
      const least = minConfidence(value, "automatic");
      assert.deepEqual(leastOf(value), least);
      const byThreshold = leastOf(String(least.line));
      for (const kind of kinds)
        assert.ok(Math.abs(byThreshold[kind] - least[kind]) < 1e-9);
    }
  });

  it("lies between those of the values on either side", () => {
    const between = fc.double({
      min: often!.line,
      max: rare!.line,
      noNaN: true,
    });
    fc.assert(
      fc.property(between, (threshold) => {
        const least = leastOf(String(threshold));
        assert.equal(least.line, threshold);
        const [low, high] =
          threshold <= balanced!.line
            ? [often!, balanced!]
            : [balanced!, rare!];
        const shares = kinds.map(
          (kind) => (least[kind] - low[kind]) / (high[kind] - low[kind]),
        );
        for (const share of shares) {
          assert.ok(share >= -1e-9 && share <= 1 + 1e-9);
          assert.ok(Math.abs(share - shares[1]!) < 1e-9);
        }
      }),
    );
  });

  it("is no threshold beyond them, and no other word", () => {
    for (const wrong of ["0", "0.27", "0.7", "1", "seldom", "NaN"])
      assert.throws(() => leastOf(wrong), /threshold is from 0\.\d+ to 0\.\d+/);
  });
});
