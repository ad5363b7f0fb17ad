import assert from "node:assert/strict";
import { repetitionStart } from "../../src/completion/repetition";

const cut = (text: string, before = "") =>
  text.slice(0, repetitionStart(text, before));

describe("repetition", () => {
  it("leaves ordinary text alone", () => {
    for (const text of [
      "a\nb\na\nb\n",
      "x = 0\nx = 0\n",
      "}\n  }\n}",
      "// =========================",
      "\n\n\n\n",
    ]) {
      assert.equal(repetitionStart(text, ""), undefined, JSON.stringify(text));
    }
  });

  it("ends at the third equal line", () => {
    assert.equal(cut("foo();\nfoo();\nfoo();\n"), "foo();");
  });

  it("ends a cycle of lines after its first turn", () => {
    assert.equal(cut("a();\nb();\na();\nb();\na();\nb();\n"), "a();\nb();");
  });

  it("counts the lines before the cursor", () => {
    assert.equal(cut("foo();\n", "foo();\nfoo();\n"), "");
    assert.equal(cut("o();\nbar();", "foo();\nfoo();\nfo"), "");
  });

  it("ends a cycle within a line", () => {
    assert.equal(cut("foo(bar, bar, bar, bar, bar, bar, bar"), "foo(bar, ");
  });
});
