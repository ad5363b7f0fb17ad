import assert from "node:assert/strict";
import {
  choose,
  chooseIdentifiers,
  chooseLines,
  chooseWindow,
  seedOf,
} from "../../bench/eval/places";

const text = Array.from(
  { length: 60 },
  (_, i) => `  const value${i} = read(${i}); `,
).join("\n");

describe("places of the evaluation", () => {
  it("are lines from the sixth on that hold a letter and three characters", () => {
    const lines = [
      "",
      "abc",
      "abc",
      "abc",
      "abc",
      "  });",
      "\tab",
      "\ta b c ",
      "123",
      "",
    ];
    assert.deepEqual(chooseLines(lines.join("\n"), 1), [
      { offset: 28, expected: "a b c", lineEnd: 34 },
    ]);
  });

  it("are eight lines of a longer text, in their order, from behind the indentation", () => {
    const places = chooseLines(text, 1);
    assert.equal(places.length, 8);
    for (const [i, { offset, expected, lineEnd }] of places.entries()) {
      assert.ok(i === 0 || offset > places[i - 1]!.lineEnd);
      assert.equal(text.slice(offset, lineEnd), expected + " ");
      assert.equal(text.slice(offset - 3, offset), "\n  ");
    }
  });

  it("are identifiers of five and more characters, after the first two, and no keywords", () => {
    const source = "return some(longer_name, x9)\nclass Abcde: 1abcdef";
    assert.deepEqual(chooseIdentifiers(source, 1), [
      { offset: 14, expected: "nger_name", lineEnd: 28 },
      { offset: 37, expected: "cde", lineEnd: 49 },
    ]);
  });

  it("are a window of forty lines, or all of a shorter text", () => {
    const { start, end } = chooseWindow(text, 3);
    assert.equal(text.slice(start, end).split("\n").length, 40);
    assert.ok(start === 0 || text[start - 1] === "\n");
    assert.ok(end === text.length || text[end] === "\n");
    assert.deepEqual(chooseWindow("a\nb\n", 3), { start: 0, end: 4 });
  });

  it("depend on the seed alone", () => {
    const items = [...Array(100).keys()];
    assert.deepEqual(choose(items, 10, 7), choose(items, 10, 7));
    assert.notDeepEqual(choose(items, 10, 7), choose(items, 10, 8));
    assert.deepEqual(choose(items, 200, 7), items);
    assert.equal(new Set(choose(items, 50, 7)).size, 50);
    assert.notEqual(seedOf("a/b.ts"), seedOf("a/c.ts"));
  });
});
