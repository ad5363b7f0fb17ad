import assert from "node:assert/strict";
import { bracketsOf, closedBehind } from "../../bench/eval/closers";

describe("an editor that closes brackets", () => {
  const behind = (typed: string, rest: string) =>
    closedBehind(typed + rest)[typed.length];

  it("has the closers of open pairs behind the cursor, the innermost first", () => {
    assert.deepEqual(behind("f(g[", "0], 'a');"), { closers: "])", before: 1 });
    assert.deepEqual(behind("f(g[0]", ", 'a');"), { closers: ")", before: 5 });
    assert.deepEqual(behind("f(g[0], '", "a');"), { closers: "')", before: 1 });
    assert.deepEqual(behind("f()", ";"), { closers: "", before: 1 });
  });

  it("has nothing there for what a later line closes", () => {
    assert.deepEqual(behind("if (x) {", ""), { closers: "", before: 0 });
  });

  it("takes no apostrophe and no lifetime for a quote", () => {
    assert.deepEqual(behind("// don't ", "(x)"), { closers: "", before: 3 });
    assert.deepEqual(behind("fn f<'a>(", "x)"), { closers: ")", before: 1 });
  });

  it("tells what brackets and quotes a line leaves over", () => {
    assert.equal(bracketsOf("f(a, b);"), "");
    assert.equal(bracketsOf("if (x) {"), "{");
    assert.equal(bracketsOf("}, [1"), "}[");
    assert.equal(bracketsOf('s = "a (b'), '"');
    assert.equal(bracketsOf('s = "a (\\" b";'), "");
  });
});
