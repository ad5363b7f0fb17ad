import assert from "node:assert/strict";
import { balanceOf } from "../../src/syntax/balance";
import { unclosed, unopened } from "../../src/syntax/brackets";
import { judge } from "../../src/syntax/judgement";
import { atCursor } from "../support/cursor";
import { openBrackets } from "../../src/syntax/openBrackets";
import { treeOf } from "../support/parsed";
import { bracketCases } from "./cases";

const closersOf = (found: readonly { closer: string }[]) =>
  found.map(({ closer }) => closer).join("");

describe("brackets", () => {
  for (const item of bracketCases) {
    const { languageId, marked, text = "", treeOnly } = item;
    const expected = {
      open: item.open,
      unopened: item.unopened ?? "",
      unclosed: item.unclosed ?? "",
    };
    const { text: whole, offset } = atCursor(marked);
    const title = `${languageId}: ${JSON.stringify(marked)} + ${JSON.stringify(text)}`;
    it(`${title}, by a tree`, async () => {
      const syntax = await treeOf(languageId, whole);
      const edit = { start: offset, end: offset, text };
      const judged = judge(syntax, edit, Infinity);
      assert.ok(judged);
      const { name } = syntax.grammar;
      const balance = balanceOf(judged.probe.tokens, text, name);
      assert.deepEqual(
        {
          open: openBrackets(syntax.tree, whole, offset).join(""),
          unopened: closersOf(balance.unopened),
          unclosed: balance.unclosed.join(""),
        },
        expected,
      );
    });
    if (treeOnly) continue;
    it(`${title}, by rules`, () => {
      assert.deepEqual(
        {
          open: unclosed(whole.slice(0, offset)).join(""),
          unopened: closersOf(unopened(text)),
          unclosed: unclosed(text).join(""),
        },
        expected,
      );
    });
  }
});
