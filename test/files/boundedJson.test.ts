import assert from "node:assert/strict";
import fc from "fast-check";
import { parseBoundedJson } from "../../src/files/boundedJson";

/** Values and depth as counted after parsing. */
function measure(value: unknown): { values: number; depth: number } {
  const inner =
    typeof value === "object" && value !== null
      ? Object.values(value).map(measure)
      : [];
  return {
    values: inner.reduce((sum, { values }) => sum + values, 1),
    depth:
      typeof value === "object" && value !== null
        ? 1 + Math.max(0, ...inner.map(({ depth }) => depth))
        : 0,
  };
}

describe("bounded JSON", () => {
  it("is what JSON.parse reads, where it is within the bounds", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const value: unknown = JSON.parse(text);
        const { values, depth } = measure(value);
        // Every array and object counts once more, for what is in it.
        const bounds = { depth, values: 2 * values };
        assert.deepEqual(parseBoundedJson(text, bounds), value);
      }),
    );
  });

  it("is refused beyond them", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const { values, depth } = measure(JSON.parse(text));
        const wide = { depth: 100, values: 1e6 };
        fc.pre(depth > 0);
        assert.throws(
          () => parseBoundedJson(text, { ...wide, depth: depth - 1 }),
          /nested more than/,
        );
        assert.throws(
          () => parseBoundedJson(text, { ...wide, values: values - 1 }),
          /too many/,
        );
      }),
    );
  });

  it("does not count what stands in a string", () => {
    const text = JSON.stringify(['[[[[{{{{,,,,"\\', "\\\\", '\\"[']);
    const bounds = { depth: 1, values: 4 };
    assert.deepEqual(parseBoundedJson(text, bounds), JSON.parse(text));
  });

  it("is refused where it is no JSON", () => {
    for (const text of ["", "{", '"', '"\\', "]", "[1,]", "nope"])
      assert.throws(
        () => parseBoundedJson(text, { depth: 9, values: 9 }),
        /it is not JSON/,
      );
  });
});
