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
      "      end\n    end\n  end\nend\n",
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

  it("ends it as soon as the third turn begins", () => {
    assert.equal(cut("a();\nb();\na();\nb();\na();"), "a();\nb();");
  });

  it("takes blank lines between two turns for no difference", () => {
    const turn = "def f():\n    return 1\n";
    assert.equal(cut(`${turn}\n${turn}\n\n${turn}`), turn.trimEnd());
    assert.equal(cut(`${turn}\n`, `${turn}\n${turn}\n`), "");
  });

  it("ends what is nested in itself after its first turn", () => {
    assert.equal(
      cut("|name|\n  names.each do\n    names.each do\n      names.each do"),
      "|name|\n  names.each do",
    );
  });

  it("counts the lines before the cursor", () => {
    assert.equal(cut("foo();\n", "foo();\nfoo();\n"), "");
    assert.equal(cut("o();\nbar();", "foo();\nfoo();\nfo"), "");
  });

  it("ends a cycle within a line behind a word, wherever it began", () => {
    assert.equal(
      cut(`erate(${"os.path.dirname(".repeat(4)}`),
      "erate(os.path.dirname",
    );
    assert.equal(cut("= 0xabababababababababababab"), "= 0xab");
  });

  it("ends a cycle within a line", () => {
    assert.equal(cut("foo(bar, bar, bar, bar, bar, bar, bar"), "foo(bar, ");
  });
});
