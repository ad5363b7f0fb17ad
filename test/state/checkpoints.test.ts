import assert from "node:assert/strict";
import fc from "fast-check";
import { Checkpoints, nearestCheckpoint } from "../../src/state/checkpoints";

const state = { tensors: {}, bytes: 8 };
const upTo = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => from + i);

/** The checkpoints of a document of `count` tokens that was read in runs of `run`, with work at its end. */
function readDocument(count: number, run = 64): Checkpoints {
  const checkpoints = new Checkpoints();
  checkpoints.update(upTo(count));
  checkpoints.addCaret(count - 1);
  for (let position = run; position < count; position += run)
    checkpoints.add("exact", position, state);
  return checkpoints;
}

const positions = ({ exact }: Checkpoints) =>
  exact.map(({ position }) => position);

describe("Checkpoints", () => {
  it("keeps an exact state within 512 tokens of every place, denser near the caret", () => {
    const found = positions(readDocument(10_000));
    let before = 0;
    for (const position of [...found, 10_000]) {
      assert.ok(position - before <= 512, `${before} to ${position}`);
      before = position;
    }
    assert.ok(found.length <= 10_000 / 256 + 8, `${found.length} checkpoints`);
    const last = found.slice(-3);
    assert.ok(
      last.every((position) => position > 10_000 - 320),
      String(last),
    );
  });

  it("drops what an edit has made wrong, and nothing else", () => {
    const checkpoints = readDocument(2_000);
    const before = positions(checkpoints);
    checkpoints.update([...upTo(1_000), 7, ...upTo(1_000, 1_000)]);
    assert.deepEqual(
      positions(checkpoints),
      before.filter((position) => position <= 1_000),
    );
  });

  it("keeps what lies behind the place when the cursor only moves", () => {
    const checkpoints = readDocument(2_000);
    const before = positions(checkpoints);
    checkpoints.update(upTo(500));
    checkpoints.update(upTo(2_000));
    assert.deepEqual(positions(checkpoints), before);
  });

  it("sees an edit that was made while the cursor was elsewhere", () => {
    const checkpoints = readDocument(2_000);
    checkpoints.update([7, ...upTo(20)]);
    checkpoints.update([7, ...upTo(2_000)]);
    assert.deepEqual(positions(checkpoints), []);
  });

  it("drops approximate states where exact ones have come", () => {
    const checkpoints = new Checkpoints();
    checkpoints.update(upTo(5_000));
    checkpoints.addCaret(4_999);
    checkpoints.add("approximate", 4_900, state);
    checkpoints.add("approximate", 4_999, state);
    assert.equal(
      nearestCheckpoint(checkpoints.approximate, 4_999)?.position,
      4_999,
    );
    checkpoints.add("exact", 4_950, state);
    assert.deepEqual(
      checkpoints.approximate.map(({ position }) => position),
      [4_999],
    );
  });

  it("keeps its order wherever a checkpoint is added", () => {
    const checkpoints = new Checkpoints();
    checkpoints.update(upTo(2_000));
    for (const position of [900, 1_800, 100, 1_300]) {
      checkpoints.addCaret(position);
      checkpoints.add("exact", position, state);
    }
    assert.deepEqual(positions(checkpoints), [100, 900, 1_300, 1_800]);
    for (const [place, nearest] of [
      [99, undefined],
      [100, 100],
      [899, 100],
      [1_999, 1_800],
    ] as const)
      assert.equal(
        nearestCheckpoint(checkpoints.exact, place)?.position,
        nearest,
      );
  });

  it("has one checkpoint a position, the one added last", () => {
    const checkpoints = new Checkpoints();
    checkpoints.update(upTo(100));
    const newer = { ...state };
    checkpoints.add("exact", 50, state);
    checkpoints.add("exact", 50, newer);
    assert.equal(checkpoints.exact.length, 1);
    assert.equal(checkpoints.exact[0]!.state, newer);
  });

  it("remembers the last four carets, as far as they are apart", () => {
    const checkpoints = new Checkpoints();
    checkpoints.update(upTo(20_000));
    const places = [2_000, 6_000, 10_000, 14_000, 18_000];
    for (const place of [...places, 18_030]) checkpoints.addCaret(place);
    assert.equal(checkpoints.caret, 18_030);
    for (let position = 64; position < 20_000; position += 64)
      checkpoints.add("exact", position, state);
    const near = (place: number) =>
      positions(checkpoints).filter((at) => Math.abs(at - place) <= 256).length;
    // Near such a place there is one every 64 tokens or so, elsewhere every 512.
    assert.ok(near(2_000) <= 2, `${near(2_000)} at the place before those`);
    for (const place of places.slice(1))
      assert.ok(near(place) >= 3, `${near(place)} near ${place}`);
  });

  it("keeps them denser and denser towards the latest caret, and no longer where it was before", () => {
    const checkpoints = new Checkpoints();
    checkpoints.update(upTo(2_000));
    const readTo = (caret: number) => {
      checkpoints.addCaret(caret);
      for (let position = caret - 200; position <= caret; position += 2)
        checkpoints.add("exact", position, state);
    };
    const gaps = (caret: number) => {
      const near = positions(checkpoints).filter(
        (position) => position <= caret && position >= caret - 200,
      );
      return near.slice(1).map((position, i) => ({
        gap: position - near[i]!,
        toCaret: caret - near[i]!,
      }));
    };
    readTo(1_000);
    for (const { gap, toCaret } of gaps(1_000))
      assert.ok(gap <= Math.max(8, toCaret), `${gap} at ${toCaret}`);
    assert.ok(gaps(1_000).length <= 10, `${gaps(1_000).length} of them`);
    readTo(1_900);
    assert.ok(gaps(1_000).length <= 4, `${gaps(1_000).length} are left`);
  });

  it("keeps one before and one after the word at the caret", () => {
    const checkpoints = new Checkpoints();
    checkpoints.update(upTo(130));
    for (const position of [60, 108, 110]) {
      checkpoints.addCaret(position);
      checkpoints.add("exact", position, state);
    }
    assert.ok(positions(checkpoints).includes(60));
    // Reading on to the caret itself leaves few tokens before the word.
    const { position } = nearestCheckpoint(checkpoints.exact, 108)!;
    assert.ok(108 - position <= 8, String(position));
  });

  it("gives up first what saves the fewest tokens", () => {
    const checkpoints = readDocument(4_000);
    /** Tokens that are run again without it, times the places it serves, by how likely they are. */
    const savedBy = (all: readonly number[], i: number) => {
      const tokens = Math.min(512, all[i]! - (all[i - 1] ?? 0));
      const places = Math.min(512, (all[i + 1] ?? Infinity) - all[i]!);
      return (tokens * places) / (512 + Math.abs(3_999 - all[i]!));
    };
    for (let left = positions(checkpoints); left.length > 0;) {
      const savings = left.map((_, i) => savedBy(left, i));
      const least = Math.min(...savings);
      const { worth, drop } = checkpoints.leastUseful()!;
      assert.equal(worth, least);
      drop();
      const rest = left.filter((_, i) => i !== savings.indexOf(least));
      assert.deepEqual(positions(checkpoints), rest);
      left = rest;
    }
    assert.equal(checkpoints.leastUseful(), undefined);
  });

  it("never holds a state for tokens other than those it was read from", () => {
    const edits = fc.array(
      fc.record({
        at: fc.nat(600),
        cut: fc.nat(30),
        put: fc.array(fc.nat(3), { maxLength: 30 }),
      }),
    );
    fc.assert(
      fc.property(edits, (list) => {
        const checkpoints = new Checkpoints();
        let tokens: number[] = [1, 2, 3];
        const readFrom = new Map<object, string>();
        for (const { at, cut, put } of list) {
          const place = at % (tokens.length + 1);
          tokens = [
            ...tokens.slice(0, place),
            ...put,
            ...tokens.slice(place + cut),
          ];
          checkpoints.update(tokens);
          for (const { position, state: held } of checkpoints.exact) {
            if (position > tokens.length) continue;
            assert.equal(
              readFrom.get(held),
              tokens.slice(0, position).join(),
              "a checkpoint is of this text",
            );
          }
          for (let position = 16; position < tokens.length; position += 16) {
            const fresh = { ...state };
            readFrom.set(fresh, tokens.slice(0, position).join());
            checkpoints.addCaret(position);
            checkpoints.add("exact", position, fresh);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
