import assert from "node:assert/strict";
import { seededRandom } from "../../src/engine/sampling";
import { emptyHash, hashAfter } from "../../src/state/prefixHash";

const hashOf = (tokens: readonly number[]) =>
  tokens.reduce(hashAfter, emptyHash);

/** Different values among those of many texts, of which each differs from another in little. */
function distinct(part: (hash: number) => number): number {
  const random = seededRandom(1);
  const found = new Set<number>();
  for (let text = 0; text < 5_000; text++) {
    const tokens = Array.from({ length: 6 }, () => Math.floor(random() * 8));
    found.add(part(hashOf([...tokens, text])));
  }
  return found.size;
}

describe("prefix hash", () => {
  it("is a natural number of at most 53 bits", () => {
    let hash = emptyHash;
    for (let token = 0; token < 10_000; token++) {
      hash = hashAfter(hash, token % 300);
      assert.ok(Number.isSafeInteger(hash) && hash >= 0, String(hash));
    }
  });

  it("differs with any token, with their order and with their number", () => {
    const texts = [
      [],
      [0],
      [0, 0],
      [1],
      [1, 0],
      [0, 1],
      [2, 1],
      [1, 2],
      [65_535],
    ];
    const hashes = new Set(texts.map(hashOf));
    assert.equal(hashes.size, texts.length);
    assert.equal(
      distinct((hash) => hash),
      5_000,
    );
  });

  it("spreads over both of its parts", () => {
    // 5,000 of 2^21 values meet by chance about six times.
    assert.ok(distinct((hash) => hash % 0x200000) > 4_900);
    assert.ok(distinct((hash) => Math.floor(hash / 0x200000)) > 4_990);
  });
});
