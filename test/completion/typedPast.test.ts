import assert from "node:assert/strict";
import fc from "fast-check";
import { confidenceTypedPast } from "../../src/completion/typedPast";

describe("confidence in what was typed past", () => {
  it("falls with every key, and never for what is certain", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.nat(20),
        (confidence, keys) => {
          const now = confidenceTypedPast(confidence, keys);
          const next = confidenceTypedPast(confidence, keys + 1);
          assert.ok(0 < next && next < now && now <= confidence + 1e-12);
        },
      ),
    );
    assert.equal(confidenceTypedPast(0.5, 0), 0.5);
    assert.equal(confidenceTypedPast(1, 9), 1);
  });

  it("follows Bayes' rule", () => {
    // Of 100 users 60 want it; of these 30 % take it at the first key, so 42 of 82 are left.
    assert.ok(Math.abs(confidenceTypedPast(0.6, 1) - 42 / 82) < 1e-12);
  });
});
