import assert from "node:assert/strict";
import fc from "fast-check";
import { Checkpoints, nearestCheckpoint } from "../../src/state/checkpoints";

const state = { tensors: {}, bytes: 8 };
const upTo = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => from + i);

/** A ladder of a document of `count` tokens that was read in runs of `run`, with work at its end. */
function readLadder(count: number, run = 64): Checkpoints {
  const ladder = new Checkpoints();
  ladder.update(upTo(count));
  ladder.addCaret(count - 1);
  for (let position = run; position < count; position += run)
    ladder.add("exact", position, state);
  return ladder;
}

const positions = ({ exact }: Checkpoints) =>
  exact.map(({ position }) => position);

describe("ladder", () => {
  it("keeps an exact state within 512 tokens of every place, denser where one works", () => {
    const found = positions(readLadder(10_000));
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
    const ladder = readLadder(2_000);
    const before = positions(ladder);
    ladder.update([...upTo(1_000), 7, ...upTo(1_000, 1_000)]);
    assert.deepEqual(
      positions(ladder),
      before.filter((position) => position <= 1_000),
    );
  });

  it("keeps what lies behind the place when the cursor only moves", () => {
    const ladder = readLadder(2_000);
    const before = positions(ladder);
    ladder.update(upTo(500));
    ladder.update(upTo(2_000));
    assert.deepEqual(positions(ladder), before);
  });

  it("sees an edit that was made while the cursor was elsewhere", () => {
    const ladder = readLadder(2_000);
    ladder.update([7, ...upTo(20)]);
    ladder.update([7, ...upTo(2_000)]);
    assert.deepEqual(positions(ladder), []);
  });

  it("drops approximate states where exact ones have come", () => {
    const ladder = new Checkpoints();
    ladder.update(upTo(5_000));
    ladder.addCaret(4_999);
    ladder.add("approximate", 4_900, state);
    ladder.add("approximate", 4_999, state);
    assert.equal(nearestCheckpoint(ladder.approximate, 4_999)?.position, 4_999);
    ladder.add("exact", 4_950, state);
    assert.deepEqual(
      ladder.approximate.map(({ position }) => position),
      [4_999],
    );
  });

  it("gives up first what saves the fewest tokens", () => {
    const ladder = readLadder(4_000);
    const given: number[] = [];
    for (let left = positions(ladder); left.length > 1;) {
      ladder.leastUseful()!.drop();
      const now = positions(ladder);
      given.push(left.find((position) => !now.includes(position))!);
      left = now;
    }
    const [kept] = positions(ladder);
    assert.ok(kept! > 3_500, `the last one to go is near the end: ${kept}`);
    assert.equal(new Set(given).size, given.length);
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
        const ladder = new Checkpoints();
        let tokens: number[] = [1, 2, 3];
        const readFrom = new Map<object, string>();
        for (const { at, cut, put } of list) {
          const place = at % (tokens.length + 1);
          tokens = [
            ...tokens.slice(0, place),
            ...put,
            ...tokens.slice(place + cut),
          ];
          ladder.update(tokens);
          for (const { position, state: held } of ladder.exact) {
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
            ladder.addCaret(position);
            ladder.add("exact", position, fresh);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
