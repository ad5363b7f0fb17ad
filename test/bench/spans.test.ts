import assert from "node:assert/strict";
import { spansIn, type SpanKind } from "../../bench/eval/spans";

/** The parts of one kind in a text. */
function parts(kind: SpanKind, text: string): string[] {
  return spansIn(text)
    .filter((span) => span.kind === kind)
    .map(({ start, end }) => text.slice(start, end));
}

describe("spans of lines", () => {
  it("are arguments of calls, not parameters and not conditions", () => {
    const text = "  x.clamp(f(a, 1), max);\nif (ready(now)) {\ndef g(a, b):";
    assert.deepEqual(parts("argument", text), ["a", "f(a, 1)"]);
    assert.deepEqual(parts("arguments", text), ["a, 1", "f(a, 1), max", "now"]);
  });

  it("are left sides of conditions, with or without brackets", () => {
    const text =
      "if (width(1) && height > 0) {\nif a < b and c:\n} else if err != nil {\nif (x) {";
    assert.deepEqual(parts("condition", text), ["width(1)", "a", "err"]);
  });

  it("are contents of strings", () => {
    const text = `say("hello, you", 'x', "");`;
    assert.deepEqual(parts("string", text), ["hello, you", "x"]);
  });

  it("are all behind an equals sign, but for what ends it", () => {
    const text =
      "const a = f(b) + 1;\nn := len(x)\nif (a == b) {\nlet c = {\ng(a = 1)";
    assert.deepEqual(parts("expression", text), ["f(b) + 1", "len(x)"]);
  });

  it("are subscripts, objects and type arguments", () => {
    const text = "m[i - 1] = { a: 1 }; x: Map<string, T>; a < b > c";
    assert.deepEqual(parts("subscript", text), ["i - 1"]);
    assert.deepEqual(parts("object", text), ["a: 1"]);
    assert.deepEqual(parts("generic", text), ["string, T"]);
  });

  it("are not in comments or long lines, and hold a letter or a digit", () => {
    const long = `f(${"a".repeat(61)}, 1)`;
    assert.deepEqual(spansIn(`// f(a, b)\nf(, )\n${long}`), []);
  });

  it("are what attributes and annotations hold", () => {
    const text =
      '<a class="wide" href="#">\n@app.route("/x")\n#[derive(Debug)]\nf("y")';
    assert.deepEqual(parts("attribute", text), [
      "wide",
      '"/x"',
      "Debug",
      "derive(Debug)",
    ]);
  });

  it("have what an editor has just closed behind them", () => {
    const closed = spansIn(`  it("adds", f(1));`)
      .filter(({ kind }) => kind.startsWith("closed"))
      .map(({ kind, closers }) => [kind, closers]);
    assert.deepEqual(closed, [
      ["closed string", '")'],
      ["closed call", "))"],
      ["closed call", ")"],
    ]);
  });
});
