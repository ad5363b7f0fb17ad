import assert from "node:assert/strict";
import type { Syntax } from "../../src/syntax/syntax";
import { TextSyntax } from "../../src/syntax/textSyntax";
import { atCursor } from "../support/cursor";
import { treeOf } from "../support/parsed";
import { bracketCases, type BracketCase } from "./cases";

function check(
  syntax: Syntax,
  { marked, open, text = "", unopened = "", unclosed = "" }: BracketCase,
): void {
  const { offset } = atCursor(marked);
  assert.equal(syntax.openBrackets(offset).join(""), open);
  const edit = { start: offset, end: offset, text };
  const insertion = syntax.insert(edit, Infinity);
  assert.ok(insertion);
  const found = insertion.unopened.map(({ closer }) => closer).join("");
  assert.equal(found, unopened);
  assert.equal(insertion.unclosed.join(""), unclosed);
}

describe("brackets", () => {
  for (const item of bracketCases) {
    const { languageId, marked, text = "", treeOnly } = item;
    const title = `${languageId}: ${JSON.stringify(marked)} + ${JSON.stringify(text)}`;
    it(`${title}, by a tree`, async () => {
      const { text: whole } = atCursor(marked);
      check(await treeOf(languageId, whole), item);
    });
    if (treeOnly) continue;
    it(`${title}, by rules`, () => {
      check(new TextSyntax("anything", atCursor(marked).text), item);
    });
  }
});
