import assert from "node:assert/strict";
import fc from "fast-check";
import { openBrackets } from "../../src/syntax/openBrackets";
import { parsedDocument, treeOf } from "../support/parsed";

const pieces = [
  "foo(a, b);\n",
  "{\n",
  "}\n",
  '"text"',
  "// note\n",
  "(",
  ")",
  "中\n",
  "const x = `a${b}`;\n",
  "\r\n",
];
const piece = fc.constantFrom(...pieces);

describe("ParsedDocument", () => {
  it("follows edits as if it were parsed anew", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 20 }),
        fc.array(fc.tuple(fc.nat(200), fc.nat(20), piece), { maxLength: 6 }),
        async (start, edits) => {
          let text = start.join("");
          const document = await parsedDocument("typescript", text);
          for (const [at, length, inserted] of edits) {
            const from = Math.min(at, text.length);
            const to = Math.min(from + length, text.length);
            text = text.slice(0, from) + inserted + text.slice(to);
            document.edit({ start: from, end: to, text: inserted }, text);
            assert.equal(document.syntax, undefined);
            assert.ok(document.parse(Infinity));
          }
          // Positions that were kept up by edits are those of a new tree.
          const root = document.syntax!.tree.rootNode;
          const fresh = (await treeOf("typescript", text)).tree.rootNode;
          assert.equal(root.endIndex, fresh.endIndex);
          assert.deepEqual(root.endPosition, fresh.endPosition);
          if (!fresh.hasError) assert.equal(root.toString(), fresh.toString());
        },
      ),
      { numRuns: 60 },
    );
  });

  it("parses in slices, and anew when an edit comes between", async () => {
    const text = "foo(a, [b], 'c');\n".repeat(4000);
    const document = await parsedDocument("typescript", "");
    document.edit({ start: 0, end: 0, text }, text);
    assert.equal(document.parse(-1), false);
    assert.ok(document.syntax === undefined);
    document.edit({ start: 0, end: 0, text: "x;\n" }, `x;\n${text}`);
    let slices = 0;
    while (!document.parse(0)) slices++;
    assert.ok(slices > 1);
    const { rootNode } = document.syntax!.tree;
    assert.equal(rootNode.namedChildCount, 4001);
  });

  it("gives out what stays valid after edits and after it is disposed of", async () => {
    const document = await parsedDocument("typescript", "foo(");
    const { syntax } = document;
    document.edit({ start: 0, end: 4, text: "" }, "");
    document.parse(Infinity);
    document.dispose();
    assert.deepEqual(openBrackets(syntax!.tree, "foo(", 4), [")"]);
  });
});
