import assert from "node:assert/strict";
import fc from "fast-check";
import { copyCandidates } from "../../src/copying/copyCandidates";
import { CopyIndex, maxMatchLength } from "../../src/copying/copyIndex";
import { trainerCases } from "../support/trainerCases";

function indexOf(tokens: readonly number[]): CopyIndex {
  const index = new CopyIndex(8);
  for (const token of tokens) index.append(token);
  return index;
}

/** What may follow the end of an index by its own contents. */
function candidatesAfter(index: CopyIndex) {
  return copyCandidates(4, index.tail(maxMatchLength), [index]);
}

/** The definition, without chains: every earlier occurrence, as far back as the chains may look. */
function naive(tokens: readonly number[]) {
  const last = tokens.length - 1;
  const found = new Map<
    number,
    { token: number; length: number; count: number; latest: number }
  >();
  const matchLength = (position: number) => {
    let length = 0;
    while (
      length < 32 &&
      position - length >= 0 &&
      tokens[position - length] === tokens[last - length]
    )
      length++;
    return length;
  };
  const earlier = tokens.map((_, i) => last - 1 - i).filter((i) => i >= 0);
  const long = earlier.filter((i) => matchLength(i) >= 3).slice(0, 64);
  const short = earlier
    .filter((i) => matchLength(i) >= 1)
    .slice(0, 64)
    .filter((i) => matchLength(i) < 3);
  for (const position of [...long, ...short]) {
    const token = tokens[position + 1]!;
    if (token < 8) continue;
    const candidate = found.get(token) ?? {
      token,
      length: 0,
      count: 0,
      latest: -1,
    };
    candidate.length = Math.max(candidate.length, matchLength(position));
    candidate.latest = Math.max(candidate.latest, position);
    candidate.count++;
    found.set(token, candidate);
  }
  return [...found.values()]
    .sort(
      (a, b) => b.length - a.length || b.count - a.count || b.latest - a.latest,
    )
    .slice(0, 4)
    .map(({ token, length, count }) => ({
      token,
      length,
      count,
      isElsewhere: false,
    }));
}

describe("copy index", () => {
  it("offers what followed the longest match first", () => {
    // After "10 11" came 12; after another "11" came 20.
    const tokens = [10, 11, 12, 30, 11, 20, 10, 11];
    assert.deepEqual(candidatesAfter(indexOf(tokens)), [
      { token: 12, length: 2, count: 1, isElsewhere: false },
      { token: 20, length: 1, count: 1, isElsewhere: false },
    ]);
  });

  it("offers nothing where nothing has been seen, and never a special token", () => {
    assert.deepEqual(candidatesAfter(indexOf([])), []);
    assert.deepEqual(candidatesAfter(indexOf([10, 11])), []);
    assert.deepEqual(candidatesAfter(indexOf([10, 0, 1, 10])), []);
  });

  it("equals its definition, also after rolling back", () => {
    const tokens = fc.array(fc.integer({ min: 6, max: 14 }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(tokens, tokens, fc.nat(), (first, second, cut) => {
        const index = indexOf(first);
        const kept = first.slice(
          0,
          first.length === 0 ? 0 : cut % (first.length + 1),
        );
        index.truncate(kept.length);
        for (const token of second) index.append(token);
        assert.deepEqual(candidatesAfter(index), naive([...kept, ...second]));
      }),
      { numRuns: 300 },
    );
  });

  it("knows where a token came last, also after rolling back", () => {
    const index = indexOf([0, 9, 8, 9, 10]);
    assert.deepEqual(
      [0, 8, 9, 10, 11].map((token) => index.latest(token)),
      [0, 2, 3, 4, -1],
    );
    index.truncate(3);
    assert.deepEqual(
      [8, 9, 10].map((token) => index.latest(token)),
      [2, 1, -1],
    );
  });

  it("is after appending and rolling back what a fresh index of the same tokens is", () => {
    const step = fc.oneof(
      fc.array(fc.integer({ min: 6, max: 60 }), { maxLength: 300 }),
      fc.nat(1000),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const index = new CopyIndex(8);
        const tokens: number[] = [];
        for (const tokensOrCut of steps) {
          if (typeof tokensOrCut === "number") {
            tokens.length = Math.max(0, tokens.length - tokensOrCut);
            index.truncate(tokens.length);
          } else {
            for (const token of tokensOrCut) index.append(token);
            tokens.push(...tokensOrCut);
          }
          assert.equal(index.length, tokens.length);
          assert.deepEqual(index.tail(40), tokens.slice(-40));
          assert.deepEqual(
            candidatesAfter(index),
            candidatesAfter(indexOf(tokens)),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is empty after clearing, and as good as a fresh one", () => {
    const index = indexOf([10, 11, 12, 10, 11, 12, 10, 11]);
    index.clear();
    assert.equal(index.length, 0);
    assert.deepEqual(copyCandidates(4, [10, 11, 12], [index]), []);
    const tokens = [20, 21, 22, 23, 20, 21, 22];
    for (const token of tokens) index.append(token);
    assert.deepEqual(candidatesAfter(index), naive(tokens));
  });

  it("takes no more memory when the same place is written again and again", () => {
    const tokens = Array.from({ length: 100 }, (_, i) => 8 + i);
    const index = indexOf(tokens);
    const { bytes } = index;
    for (let round = 0; round < 50; round++) {
      index.truncate(50);
      for (let i = 50; i < 100; i++) index.append(1_000 * round + i + 200);
    }
    assert.equal(index.bytes, bytes);
  });

  it("holds at most 24 bytes a token of code", () => {
    const { history } = trainerCases<{
      history: number[];
    }>("copy");
    const index = indexOf(history);
    assert.ok(index.bytes <= 24 * history.length, `${index.bytes} bytes`);
    assert.ok(index.bytes >= 12 * history.length, `${index.bytes} bytes`);
  });

  it("equals the trainer's search, with which the gate was trained", () => {
    const { history, candidates } = trainerCases<{
      history: number[];
      /** Behind each token: [token, length, count] of each candidate. */
      candidates: [number, number, number][][];
    }>("copy");
    const index = new CopyIndex(8);
    history.forEach((token, position) => {
      index.append(token);
      assert.deepEqual(
        candidatesAfter(index),
        candidates[position]!.map(([token, length, count]) => ({
          token,
          length,
          count,
          isElsewhere: false,
        })),
        `behind position ${position}`,
      );
    });
  });
});
