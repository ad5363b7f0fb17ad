import assert from "node:assert/strict";
import { TextSyntax } from "../../src/syntax/textSyntax";
import { atCursor } from "../support/cursor";
import { treeOf } from "../support/parsed";

const at = async (languageId: string, marked: string) => {
  const { text, offset } = atCursor(marked);
  return { syntax: await treeOf(languageId, text), text, offset };
};

describe("TreeSyntax", () => {
  describe("placeAt", () => {
    const cases: [languageId: string, marked: string, kind: string][] = [
      ["typescript", "x = 1; // a█", "comment"],
      ["typescript", "x = 1; // a█\ny", "comment"],
      ["typescript", "/* a█ */ x", "comment"],
      ["typescript", "/* a */█ x", "code"],
      ["typescript", "x = 'a█'", "string"],
      ["typescript", "x = 'a'█", "code"],
      ["typescript", "x = █'a'", "code"],
      ["typescript", "x = `a${b█}`", "code"],
      ["typescript", "x = `a${b}█`", "string"],
      ["typescript", "x = /a█b/", "regex"],
      ["typescript", "let x: string█;", "code"],
      ["typescript", "f('abc█\n", "string"],
      ["javascriptreact", "x = <p>{a█}</p>", "code"],
      ["python", "x = 1 # a█", "comment"],
      ["python", 'x = """a\n█"""', "string"],
      ["python", 'x = f"a{b█}"', "code"],
      ["python", "x = ('a' █'b')", "code"],
      ["go", "package p\n\nvar x = `a█`\n", "string"],
      ["go", "package p\n\nvar x = 'a█'\n", "string"],
      ["rust", "fn f<'a█>() {}", "code"],
      ["rust", 'let x = "a█";', "string"],
      ["rust", "// a█\nfn f() {}", "comment"],
      ["java", 'class A { String s = "a█"; }', "string"],
      ["c", '#include "a█"\n', "string"],
      ["cpp", 'auto x = R"(a█)";', "string"],
      ["csharp", 'var x = "a█";', "string"],
      ["csharp", 'var x = $"a{b█}";', "code"],
      ["ruby", 'x = "a█"', "string"],
      ["ruby", 'x = "a#{b█}"', "code"],
      ["php", '<?php\n$x = "a█";', "string"],
      ["css", "a { b: c; /* d█ */ }", "comment"],
      ["shellscript", "echo 'a█'", "string"],
      ["shellscript", "# a█", "comment"],
    ];
    for (const [languageId, marked, kind] of cases) {
      it(`${languageId}: ${JSON.stringify(marked)} is ${kind}`, async () => {
        const { syntax, offset } = await at(languageId, marked);
        assert.equal(syntax.placeAt(offset).kind, kind);
      });
    }
  });

  it("knows the blocks around a place", async () => {
    const marked = "function f() {\n  if (a) {\n    b█();\n  }\n}\n";
    const { syntax, text, offset } = await at("typescript", marked);
    assert.deepEqual(
      syntax
        .blocksAround(offset)
        .map(({ start, end }) => text.slice(start, end)),
      ["{\n    b();\n  }", "{\n  if (a) {\n    b();\n  }\n}"],
    );
    const python = await at(
      "python",
      "def f():\n    if a:\n        b█\n    c\n",
    );
    assert.equal(python.syntax.blocksAround(python.offset).length, 2);
  });

  it("knows where statements and blocks end", async () => {
    const cases: [marked: string, end: string | undefined][] = [
      ["f();█\ng();", "statement"],
      ["f()█;\ng();", undefined],
      ["if (a) {\n  b();\n}█", "block"],
      ["const x = 1;  █", "statement"],
      ["const x = (1█ + 2);", undefined],
    ];
    for (const [marked, end] of cases) {
      const { syntax, offset } = await at("typescript", marked);
      assert.equal(syntax.endAt(offset), end, marked);
    }
  });

  it("knows the members' places", async () => {
    const cases: [languageId: string, marked: string, object?: string][] = [
      ["typescript", "const x = a.b█;", "a"],
      ["typescript", "const x = a.b.█\n", "a.b"],
      ["typescript", "const x = f(1).le█ + 2;", "f(1)"],
      ["typescript", "const x = 'a.b█';"],
      ["typescript", "const x = ab█;"],
      ["python", "x = a.b█\n", "a"],
      ["python", "x = a.█\n", "a"],
      ["python", "# a.b█\n"],
      ["go", "package p\n\nfunc f() {\n\tx.y.Fo█\n}\n", "x.y"],
      ["rust", "fn f() {\n  a::b█();\n}\n", "a"],
      ["cpp", "void f() {\n  a->b█();\n}\n", "a"],
      ["php", "<?php\n$a->b█();\n", "$a"],
      ["ruby", "a.b█\n", "a"],
    ];
    for (const [languageId, marked, object] of cases) {
      const { syntax, offset } = await at(languageId, marked);
      assert.equal(syntax.memberAt(offset)?.object, object, marked);
    }
    assert.deepEqual(new TextSyntax("lua", "a.bc").memberAt(4), {
      object: "a",
      start: 2,
    });
  });
});
