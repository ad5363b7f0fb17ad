import assert from "node:assert/strict";
import fc from "fast-check";
import { copyCandidates, draft } from "../../src/copying/copyCandidates";
import { copyOrigin } from "../../src/copying/copyOrigin";
import { CopyIndex } from "../../src/copying/copyIndex";

const firstText = 8;

function forward(tokens: readonly number[]): CopyIndex {
  const index = new CopyIndex(firstText);
  for (const token of tokens) index.append(token);
  return index;
}

/** The index of a text after the cursor. */
function backward(tokens: readonly number[]): CopyIndex {
  const index = new CopyIndex(firstText, "backward");
  for (const token of [...tokens].reverse()) index.append(token);
  return index;
}

interface Text {
  tokens: number[];
  behind: boolean;
  far?: boolean;
}

/** The definition, by looking at every place of every text. */
function naive(tail: readonly number[], texts: readonly Text[]) {
  const found: {
    token: number;
    length: number;
    count: number;
    rank: number;
    age: number;
    isElsewhere: boolean;
  }[] = [];
  texts.forEach(({ tokens, behind, far }, rank) => {
    const places = tokens.slice(1).map((next, last) => {
      let length = 0;
      while (
        length < 32 &&
        length <= last &&
        length < tail.length &&
        tokens[last - length] === tail[tail.length - 1 - length]
      )
        length++;
      // In the text after the cursor, what comes first is nearest.
      return { next, length, age: behind ? last : tokens.length - last };
    });
    places.sort((a, b) => a.age - b.age);
    const visited = [
      ...places.filter(({ length }) => length >= 3).slice(0, 64),
      ...places
        .filter(({ length }) => length >= 1)
        .slice(0, 64)
        .filter(({ length }) => length < 3 && !far),
    ];
    for (const { next, length, age } of visited) {
      if (next < firstText) continue;
      const known = found.find(({ token }) => token === next);
      if (known === undefined)
        found.push({
          token: next,
          length,
          count: 1,
          rank,
          age,
          isElsewhere: far === true,
        });
      else {
        known.length = Math.max(known.length, length);
        known.count++;
        known.isElsewhere &&= far === true;
        if (known.rank === rank) known.age = Math.min(known.age, age);
      }
    }
  });
  return found
    .sort(
      (a, b) =>
        b.length - a.length ||
        b.count - a.count ||
        a.rank - b.rank ||
        a.age - b.age,
    )
    .slice(0, 4)
    .map(({ token, length, count, isElsewhere }) => ({
      token,
      length,
      count,
      isElsewhere,
    }));
}

describe("copy candidates", () => {
  it("come from the text after the cursor and other files, too", () => {
    const own = [10, 11, 12, 30, 11];
    const tail = own.slice(-3);
    assert.deepEqual(
      copyCandidates(
        4,
        tail,
        [forward(own), backward([40, 11, 41])],
        [forward([9, 12, 30, 11, 51, 11, 41])],
      ),
      [
        { token: 51, length: 3, count: 1, isElsewhere: true },
        { token: 12, length: 1, count: 1, isElsewhere: false },
        { token: 41, length: 1, count: 1, isElsewhere: false },
      ],
    );
  });

  it("are no tokens at the ends of texts, where nothing follows", () => {
    assert.deepEqual(
      copyCandidates(4, [9, 10], [forward([9, 10]), backward([9, 10])]),
      [],
    );
  });

  it("come from the nearest files alone where the tokens stand thousands of times", () => {
    const often = forward(
      Array.from({ length: 80 }, () => [9, 10, 11, 20]).flat(),
    );
    const last = forward([9, 10, 11, 21, 30]);
    const tokensBehind = (files: number) =>
      copyCandidates(
        4,
        [9, 10, 11],
        [],
        [...Array.from({ length: files }, () => often), last],
      ).map(({ token }) => token);
    assert.deepEqual(tokensBehind(39), [20, 21]);
    assert.deepEqual(tokensBehind(40), [20]);
  });

  it("equal their definition in any number of texts", () => {
    const tokens = fc.array(fc.integer({ min: 6, max: 14 }), {
      maxLength: 150,
    });
    const others = fc.array(fc.record({ tokens, behind: fc.boolean() }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(tokens, others, others, (own, near, far) => {
        const tail = own.slice(-32);
        const indexOf = ({ tokens, behind }: Text) =>
          behind ? backward(tokens) : forward(tokens);
        assert.deepEqual(
          copyCandidates(
            4,
            tail,
            [forward(own), ...near.map(indexOf)],
            far.map(indexOf),
          ),
          naive(tail, [
            { tokens: own, behind: false },
            ...near,
            ...far.map((text) => ({ ...text, far: true })),
          ]),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("follow edits of the text after the cursor", () => {
    const tokens = fc.array(fc.integer({ min: 8, max: 12 }), { maxLength: 80 });
    fc.assert(
      fc.property(tokens, tokens, tokens, (end, before, after) => {
        const index = backward([...before, ...end]);
        index.truncate(end.length);
        for (const token of [...after].reverse()) index.append(token);
        const tail = before.slice(-32);
        assert.deepEqual(
          copyCandidates(4, tail, [index]),
          naive(tail, [{ tokens: [...after, ...end], behind: true }]),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe("draft", () => {
  it("is how the text went on behind the longest match, of equal ones the nearest and latest", () => {
    const own = forward([
      11, 12, 13, 20, 21, 11, 12, 13, 30, 31, 32, 11, 12, 13,
    ]);
    const tail = own.tail(32);
    assert.deepEqual(draft(2, tail, [own], []), [30, 31]);
    assert.deepEqual(draft(9, tail, [own], []), [30, 31, 32, 11, 12, 13]);
    // Equal, but farther away.
    const equal = forward([9, 11, 12, 13, 40]);
    assert.deepEqual(draft(1, tail, [own], [equal]), [30]);
    // Longer, wherever it is.
    const longer = forward([32, 11, 12, 13, 50, 51]);
    assert.deepEqual(draft(9, tail, [own], [equal, longer]), [50, 51]);
  });

  it("takes three tokens in common, no fewer", () => {
    assert.deepEqual(
      draft(4, [10, 12, 13], [forward([9, 12, 13, 40])], []),
      [],
    );
    assert.deepEqual(
      draft(4, [10, 12, 13], [forward([10, 12, 13, 40])], []),
      [40],
    );
  });

  it("reads on after the cursor in the order of the text", () => {
    const after = backward([9, 10, 11, 40, 41, 42]);
    assert.deepEqual(draft(2, [9, 10, 11], [after], []), [40, 41]);
    assert.deepEqual(draft(9, [9, 10, 11], [after], []), [40, 41, 42]);
  });
});

describe("where a candidate was copied from", () => {
  const token = fc.integer({ min: firstText, max: firstText + 3 });
  const text = fc.array(token, { maxLength: 40 });

  it("is a passage of one of the texts with the longest match before the token", () => {
    fc.assert(
      fc.property(text, text, text, (before, behind, other) => {
        const near = [forward(before), backward(behind)];
        const far = [forward(other)];
        const tail = before.slice(-8);
        for (const { token: next, length } of copyCandidates(
          8,
          tail,
          near,
          far,
        )) {
          const origin = copyOrigin(next, tail, near, far);
          assert.equal(origin?.length, length);
          const passage = origin.index.passage(origin, length, 5);
          assert.deepEqual(passage.before, tail.slice(-length));
          assert.equal(passage.after[0], next);
          // It stands there in one piece.
          const whole = [...passage.before, ...passage.after].join();
          assert.ok(
            [before, behind, other].some((one) => one.join().includes(whole)),
          );
        }
      }),
    );
  });

  it("is nowhere for a token that nothing offers", () => {
    assert.equal(
      copyOrigin(firstText + 9, [8, 9], [forward([8, 9, 10])], []),
      undefined,
    );
  });
});
