import assert from "node:assert/strict";
import { LineSyntax } from "../../bench/eval/lineSyntax";
import type { SourceFile } from "../../bench/eval/sourceFiles";

describe("the syntax of a line that is typed", () => {
  const file = (languageId: string): SourceFile => ({
    path: "",
    languageId,
    language: "",
    bytes: Buffer.alloc(0),
    text: "",
  });
  const before = "function f(a) {\n  return ";
  const after = "\n}\n";

  it("tells what adds an error, after each key", async () => {
    const text = before + after;
    const syntax = await LineSyntax.open(file("javascript"), text);
    assert.ok(syntax);
    const at = before.length;
    assert.equal(syntax.addsError(at, "a;"), false);
    assert.equal(syntax.addsError(at, "a);"), true);
    // What is unfinished is no error.
    assert.equal(syntax.addsError(at, "g(a"), false);
    syntax.edit({ start: at, end: at, text: "g(" }, `${before}g(${after}`);
    assert.equal(syntax.addsError(at + 2, "a);"), false);
    assert.equal(syntax.addsError(at + 2, "a));"), true);
    const edit = { start: at + 2, end: at + 2, text: "a));" };
    assert.equal(syntax.current.fitting(edit, [1, 2], 4), 2);
  });

  it("knows dialects", async () => {
    const text = "const a = \n";
    const tag = "<b>{1}</b>;";
    for (const [languageId, isRight] of [
      ["typescriptreact", true],
      ["typescript", false],
    ] as const) {
      const syntax = await LineSyntax.open(file(languageId), text);
      const isWrong = syntax?.addsError(text.length - 1, tag);
      assert.equal(isWrong, !isRight, languageId);
    }
  });

  it("is not known in a language without a grammar", async () => {
    assert.equal(await LineSyntax.open(file("lua"), ""), undefined);
  });
});
