import assert from "node:assert/strict";
import fc from "fast-check";
import { CopyIndex } from "../../src/copying/copyIndex";
import { passagesAround } from "../../src/copying/passages";

function indexOf(
  tokens: readonly number[],
  direction: "forward" | "backward",
): CopyIndex {
  const index = new CopyIndex(8, direction);
  const appended = direction === "forward" ? tokens : tokens.toReversed();
  for (const token of appended) index.append(token);
  return index;
}

describe("passages around tokens", () => {
  it("are those around each place with three tokens before another one", () => {
    const token = fc.integer({ min: 8, max: 11 });
    const tokens = fc.array(token, { maxLength: 120 });
    const key = fc.tuple(token, token, token);
    const direction = fc.constantFrom("forward" as const, "backward" as const);
    fc.assert(
      fc.property(tokens, key, direction, (text, of, reads) => {
        const expected = text.flatMap((_, at) =>
          at >= 3 && of.every((token, i) => text[at - 3 + i] === token)
            ? { before: text.slice(Math.max(0, at - 64), at), after: at }
            : [],
        );
        const found = passagesAround(of, [indexOf(text, reads)]);
        const asText = (passage: object) => JSON.stringify(passage);
        assert.deepEqual(
          found.map(asText).sort(),
          expected
            .map(({ before, after }) =>
              asText({ before, after: text.slice(after, after + 24) }),
            )
            .sort(),
        );
      }),
    );
  });

  it("are of the nearest indexes first, and 64 at most", () => {
    const near = [1, 10, 11, 12, 20];
    const far = Array.from({ length: 50 }, () => [10, 11, 12, 21]).flat();
    const fars = Array.from({ length: 20 }, () => indexOf(far, "forward"));
    const found = passagesAround(
      [10, 11, 12],
      [indexOf(near, "forward"), ...fars],
    );
    assert.equal(found.length, 64);
    assert.deepEqual(found[0], { before: [1, 10, 11, 12], after: [20] });
  });
});
