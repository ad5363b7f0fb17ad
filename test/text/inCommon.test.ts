import assert from "node:assert/strict";
import fc from "fast-check";
import { commonEnd, commonStart } from "../../src/text/inCommon";

describe("what two texts have in common", () => {
  it("is their longest common start, and end", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const most = Math.min(a.length, b.length);
        const lengths = Array.from({ length: most + 1 }, (_, i) => most - i);
        assert.equal(
          commonStart(a, b),
          lengths.find((n) => a.startsWith(b.slice(0, n))),
        );
        assert.equal(
          commonEnd(a, b),
          lengths.find((n) => a.endsWith(b.slice(b.length - n))),
        );
      }),
    );
  });
});
