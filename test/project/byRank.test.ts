import assert from "node:assert/strict";
import fc from "fast-check";
import { byRank } from "../../src/project/byRank";

describe("items by rank", () => {
  it("are in the order in which a stable sort puts them", () => {
    const rank = fc.oneof(fc.integer(), fc.constantFrom(Infinity, -Infinity));
    fc.assert(
      fc.property(fc.array(rank), (ranks) => {
        const items = ranks.map((rank, at) => ({ rank, at }));
        const expected = items.toSorted((a, b) =>
          a.rank === b.rank ? 0 : a.rank < b.rank ? -1 : 1,
        );
        assert.deepEqual(
          byRank(items, (item) => item.rank),
          expected,
        );
      }),
    );
  });
});
