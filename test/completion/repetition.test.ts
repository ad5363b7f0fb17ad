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

  it("knows cycles of eight lines, and none that is longer", () => {
    const cycle = (length: number) =>
      Array.from({ length }, (_, i) => `line${i}();`).join("\n");
    const text = (length: number) => `${cycle(length)}\n`.repeat(3);
    assert.equal(cut(text(8)), cycle(8));
    assert.equal(repetitionStart(text(9), ""), undefined);
    // Of the text before as many lines count as the longest cycle needs.
    const before = `${cycle(8)}\n${cycle(8)}\n`;
    assert.equal(cut(cycle(8), before), "");
  });

  it("is none where the third turn is another line", () => {
    assert.equal(repetitionStart("a();\na();\nb();\na();", ""), undefined);
    assert.equal(
      repetitionStart("a();\nb();\na();\nb();\nc();\nb();", ""),
      undefined,
    );
    // Nor where only what stands before the text repeats itself.
    assert.equal(repetitionStart("b();", "a();\na();\na();\n"), undefined);
  });

  it("takes a line that is indented less for another one", () => {
    assert.equal(repetitionStart("    a();\n  a();\na();", ""), undefined);
    assert.equal(cut("a();\n  a();\n    a();"), "a();");
    assert.equal(cut("a();  \na();\na(); "), "a();  ");
  });

  it("within a line may begin at the text's start, and take up all of it", () => {
    assert.equal(cut("12, ".repeat(5)), "12, ");
    assert.equal(cut("1".repeat(20)), "1");
    assert.equal(repetitionStart("1".repeat(19), ""), undefined);
    // The last turn may be whole or not: the run counts.
    assert.equal(cut("x = 1, 2, 1, 2, 1, 2, 1, 2, 1,"), "x = 1, 2,");
    // Words end whole, where the unit does not.
    assert.equal(cut("= abc def abc def abc def abc def abc"), "= abc def");
  });
});
