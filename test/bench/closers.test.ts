import assert from "node:assert/strict";
import { bracketsOf, closedAfter } from "../../bench/eval/closers";

describe("an editor that closes brackets", () => {
  const after = (typed: string, rest: string) =>
    closedAfter(typed + rest)[typed.length];

  it("has the closers of open pairs behind the cursor, the innermost first", () => {
    assert.deepEqual(after("f(g[", "0], 'a');"), { closers: "])", before: 1 });
    assert.deepEqual(after("f(g[0]", ", 'a');"), { closers: ")", before: 5 });
    assert.deepEqual(after("f(g[0], '", "a');"), { closers: "')", before: 1 });
    assert.deepEqual(after("f()", ";"), { closers: "", before: 1 });
  });

  it("has nothing there for what a later line closes", () => {
    assert.deepEqual(after("if (x) {", ""), { closers: "", before: 0 });
  });

  it("takes no apostrophe and no lifetime for a quote", () => {
    assert.deepEqual(after("// don't ", "(x)"), { closers: "", before: 3 });
    assert.deepEqual(after("fn f<'a>(", "x)"), { closers: ")", before: 1 });
  });

  it("tells what brackets and quotes a line leaves over", () => {
    assert.equal(bracketsOf("f(a, b);"), "");
    assert.equal(bracketsOf("if (x) {"), "{");
    assert.equal(bracketsOf("}, [1"), "}[");
    assert.equal(bracketsOf('s = "a (b'), '"');
    assert.equal(bracketsOf('s = "a (\\" b";'), "");
  });
});
