import assert from "node:assert/strict";
import { atCursor } from "../support/cursor";
import { treeOf } from "../support/parsed";

/** How much of a text fits at the cursor, if it may be cut behind each word and bracket. */
async function fitting(
  languageId: string,
  marked: string,
  text: string,
): Promise<string> {
  const { text: whole, offset } = atCursor(marked);
  const syntax = await treeOf(languageId, whole);
  const cuts = [...text.matchAll(/\w(?!\w)|[^\w\s]/g)].map(
    ({ index }) => index + 1,
  );
  const edit = { start: offset, end: offset, text };
  const length = syntax.fitting(edit, cuts, Infinity);
  assert.ok(length !== undefined);
  return text.slice(0, length);
}

const inFunction = "function f() {\n  █\n}\n";

/** `undefined`: all of it fits. */
const cases: [
  languageId: string,
  marked: string,
  text: string,
  left?: string,
][] = [
  // Unfinished, not wrong
  ["typescript", inFunction, "foo(a"],
  ["typescript", inFunction, "for (let i = 0;"],
  ["typescript", inFunction, 'if (x) {\n    y("a'],
  ["typescript", inFunction, "const s = `abc"],
  ["typescript", inFunction, "/* abc"],
  ["typescript", inFunction, "import { a"],
  ["typescript", inFunction, "const x ="],
  ["typescript", "const x = [\n  1,\n  █\n  3,\n];\n", "2"],
  ["python", "def f(s):\n    █\n    return s\n", "if x:\n        foo("],
  ["python", "def f(s):\n    █\n    return s\n", "for i in range(3):"],
  ["go", "func f() {\n\t█\n}\n", "if err := g(); err != nil {"],
  ["java", "class A {\n  void f() {\n    █\n  }\n}\n", "int x = foo(1"],
  ["java", "class A {\n  void f() {\n    █\n    x = 1;\n  }\n}\n", "A a = new"],
  ["rust", "fn f() {\n    █\n    let mut x = 1;\n}\n", "let"],
  ["cpp", "void f() {\n  █\n}\n", "for (int i = 0; i < n; i++) {"],
  [
    "csharp",
    "class A {\n  void F() {\n    █\n  }\n}\n",
    "var x = new List<int",
  ],
  ["ruby", "def f\n  █\nend\n", "x = [1, 2].map do |y|\n    y + 1"],
  [
    "php",
    "<?php\nfunction f() {\n  █\n}\n",
    "$x = array_map(function ($y) { return $y",
  ],
  ["shellscript", "f() {\n  █\n}\n", 'if [ -f x ]; then\n    echo "a'],
  ["css", "a {\n  █\n}\n", "color: red"],
  // What it closes was opened before it, and the statement goes on behind it
  [
    "cpp",
    "class A {\n  std::unique_ptr<B> clone(█\n\n  void f(bool a = true);\n};\n",
    ")",
  ],
  ["java", "class A {\n  void f() {\n    foo(█\n    x = 1;\n  }\n}\n", "a)"],
  ["rust", "fn f() {\n    let a = [1, █\n    let b = 2;\n}\n", "2]"],
  // … but not where it is closed already
  [
    "java",
    "class A {\n  void f() {\n    foo(a,█\n      b);\n  }\n}\n",
    " c)",
    " c",
  ],
  // Whole
  ["typescript", inFunction, "foo(a);\n  bar();"],
  ["typescriptreact", "const a = <div>█</div>;\n", "{foo(1)}"],
  ["python", "# 1) open\n# 2) read\n# 3█", ") close"],
  ["python", "def f(s):\n    return s.endswith(█)\n", '")"'],
  ["rust", "fn get2<'a>(m: &'a str, k: usize█", ") -> &'a str {"],
  // Errors in the insertion
  ["typescript", inFunction, "foo(a b);", "foo(a"],
  ["typescript", inFunction, "const = 2;", "const"],
  ["python", "def f(s):\n    █\n    return s\n", "x = = 2", "x ="],
  ["typescript", "function f() {\n  foo(█\n}\n", "a));", "a)"],
  // What it closes, it has to open
  ["typescript", inFunction, "foo(a);\n}", "foo(a);"],
  ["typescript", inFunction, "foo(a);\n}\n}", "foo(a);"],
  ["typescript", "function f() {\n  return █\n}\n", "a;\n}", "a;"],
  [
    "java",
    "class A {\n  void f() {\n    █\n  }\n}\n",
    "foo(1);\n  }",
    "foo(1);",
  ],
  ["css", "a {\n  █\n}\n", "color: red;\n}", "color: red;"],
  // The line's rest still fits
  ["typescript", "function f() {\n  g(█)\n}\n", "bar(a", "bar"],
  ["typescript", "it('█');", "should add', () => {", "should add"],
  ["typescript", "const b = clamp(█, 10);", "width, height);", "width, height"],
  ["typescript", "if (█ && height > 0) {\n}\n", "height > 0) {", "height > 0"],
  ["typescript", "const b = items[█ - 1];", "index + 1];", "index + 1"],
  ["python", "x = items[█]\n", "a]", "a"],
  ["go", "func f() {\n\tg(█, 1)\n}\n", "a)", "a"],
  // A file that is broken elsewhere is no reason to condemn anything
  ["typescript", `const = 1;\n\n${inFunction}\nclass {{ =\n`, "foo(a);"],
  ["typescript", `${inFunction}\nclass {{ =\n`, "foo(a"],
];

describe("fitting", () => {
  for (const [languageId, marked, text, left = text] of cases) {
    it(`${languageId}: ${JSON.stringify(marked)} + ${JSON.stringify(text)}`, async () => {
      assert.equal(await fitting(languageId, marked, text), left);
    });
  }

  it("does not tell what takes too long", async () => {
    const syntax = await treeOf("typescript", "f();\n".repeat(2000));
    const edit = { start: 5, end: 5, text: "g();\n".repeat(2000) };
    assert.equal(syntax.fitting(edit, [], -1), undefined);
  });

  it("replaces text", async () => {
    const syntax = await treeOf("typescript", "f(ab);\n");
    const edit = { start: 2, end: 4, text: "cd)" };
    assert.equal(syntax.fitting(edit, [2], Infinity), 2);
    assert.equal(syntax.fitting({ ...edit, end: 5 }, [2], Infinity), 3);
  });

  it("keeps what comes before an error when time is up", async () => {
    // Far behind the cursor there is an error, up to which the shorter text has to be read.
    const before = "function f() {\n  return t.base";
    const behind = `\n}\n${"let a = b(c);\n".repeat(500)}class {{ =\n`;
    const edit = {
      start: before.length,
      end: before.length,
      text: "d: number",
    };
    const looks = async (limit: number) => {
      const syntax = await treeOf("typescript", before + behind);
      const now = performance.now.bind(performance);
      let count = 0;
      // A clock that stands still for so many looks, and then leaps.
      performance.now = () => (count++ < limit ? 0 : 2);
      try {
        return { length: syntax.fitting(edit, [1, 2, 9], 1), count };
      } finally {
        performance.now = now;
      }
    };
    const { length, count } = await looks(Infinity);
    assert.equal(length, 1);
    const lengths = [];
    for (let limit = 1; limit <= count; limit++)
      lengths.push((await looks(limit)).length);
    assert.ok(lengths.every((each) => each === undefined || each === 1));
  });
});
