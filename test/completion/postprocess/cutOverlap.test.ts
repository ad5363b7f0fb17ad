import assert from "node:assert/strict";
import { cutOverlap } from "../../../src/completion/postprocess/cutOverlap";
import { around } from "../../support/cursor";

const cases: [marked: string, text: string, left: string][] = [
  // Brackets
  ["foo(█)", "a, b)", "a, b"],
  ["foo(█)", "g(x))", "g(x)"],
  ["foo(█)", "g(x)", "g(x)"],
  ["foo(█);", "a, b);", "a, b"],
  ["foo(█);", "a); bar();", "a"],
  ["foo(█) {", "a) return", "a"],
  ["[█]", "1, 2]", "1, 2"],
  ["x = {█}", ' a: ")" }', ' a: ")" '],
  ["s.endswith(█)", '")"', '")"'],
  ["s.endswith(█)", '")")', '")"'],
  // Quotes
  ['"█"', 'text"', "text"],
  ['"█"', 'text" + more', "text"],
  ['x = █ + "b"', '"a"', '"a"'],
  ["'█'", "it", "it"],
  // The rest of the line
  ["x = █ + 1;", "y + 1;", "y"],
  ["x = █;", "y;", "y"],
  ["f(█, y)", "x, y)", "x"],
  ["let █ = 1", "foo = 1", "foo"],
  // No half words
  ["x = █o + bar", "foo", "foo"],
  ["foo(█) + b", "a", "a"],
  // Nothing to the right
  ["foo(█", "a)", "a)"],
  ["foo(█   ", "a)", "a)"],
  ["f(█);", "a\n);", "a\n);"],
];

describe("cutOverlap", () => {
  for (const [marked, text, left] of cases) {
    it(`${marked} + ${JSON.stringify(text)} → ${JSON.stringify(left)}`, () => {
      assert.equal(
        cutOverlap.apply(text, around(marked)).trimEnd(),
        left.trimEnd(),
      );
    });
  }

  it("drops what stands there already", () => {
    assert.equal(
      cutOverlap.apply("second);", around("call(first, █second);")),
      "",
    );
    assert.equal(cutOverlap.apply(")", around("call(█);")), "");
  });
});
