import assert from "node:assert/strict";
import { postprocess } from "../../../src/completion/postprocess";
import { atCursor, contextAt } from "../../support/cursor";
import { treeOf } from "../../support/parsed";
import { suggestionOf } from "../../support/suggestions";

/** What is shown of a text at the cursor of a document that is parsed. */
async function shown(languageId: string, marked: string, text: string) {
  const syntax = await treeOf(languageId, atCursor(marked).text);
  return postprocess(
    suggestionOf(text),
    contextAt(marked, { languageId, syntax }),
  );
}

const cases: [
  languageId: string,
  marked: string,
  text: string,
  left: string,
][] = [
  ["python", "# 1) open\n# 2) read\n# 3█", ") close", ") close"],
  [
    "rust",
    "fn get2<'a>(m: &'a str, k: usize█",
    ") -> &'a str {",
    ") -> &'a str {",
  ],
  ["python", "def f(s):\n    return s.endswith(█)\n", '")")', '")"'],
  ["typescript", "it('█');\n", "should add', () => {", "should add"],
  [
    "typescript",
    "const b = clamp(█, 10);\n",
    "width, height);",
    "width, height",
  ],
  ["typescript", "if (█ && height > 0) {\n}\n", "height > 0) {", "height > 0"],
  ["typescript", "const b = items[█ - 1];\n", "index + 1];", "index + 1"],
  ["typescript", "function f() {\n  █\n}\n", "const = 2;", "const"],
  [
    "typescript",
    "function f() {\r\n  █\r\n}\r\n",
    "if (a) {\n    b();\n  }",
    "if (a) {\n    b();\n  }",
  ],
];

describe("cutSyntaxErrors", () => {
  for (const [languageId, marked, text, left] of cases) {
    it(`${languageId}: ${JSON.stringify(marked)} + ${JSON.stringify(text)}`, async () => {
      assert.equal((await shown(languageId, marked, text)).text, left);
    });
  }

  it("leaves the chosen item of the list in place", async () => {
    const marked = "const b = fo█;\n";
    const { text, offset } = atCursor(marked);
    const context = contextAt(marked, {
      syntax: await treeOf("typescript", text),
      selectedItem: { start: offset - 2, end: offset, text: "foo" },
    });
    assert.equal(
      postprocess(suggestionOf("(1) + 2 3"), context).text,
      "(1) + 2",
    );
  });

  it("drops what cannot stand there at all", async () => {
    const { text, reason } = await shown("typescript", "f(█);\n", "] = 1");
    assert.equal(text, "");
    assert.equal(reason, "syntax error");
  });
});
