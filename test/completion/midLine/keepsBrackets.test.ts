import assert from "node:assert/strict";
import fc from "fast-check";
import { keepsBrackets } from "../../../src/completion/midLine/keepsBrackets";
import { postprocess } from "../../../src/completion/postprocess";
import { noTimings } from "../../../src/completion/suggestion";
import { breaksLine } from "../../../bench/eval/typedLine";
import { between } from "../../support/cursor";

const piece = fc.constantFrom(
  ..."()[]{}\"'`\\,; ",
  "a",
  "width",
  "it's",
  "&'a str",
);
const text = fc.array(piece, { maxLength: 12 }).map((all) => all.join(""));

const keeps = (
  before: string,
  inserted: string,
  after: string,
  languageId = "typescript",
) => keepsBrackets(between(before, after, languageId), inserted);

describe("the brackets of a line", () => {
  it("stay by what closes all that it opens", () => {
    assert.ok(keeps("f(", "g(a), 'b'", ")"));
    assert.ok(keeps('it("', "isn't done", '")'));
    assert.ok(keeps("fn f<", "'a", ">(x: T)"));
    assert.ok(keeps("say('", "it\\'s", "')"));
  });

  it("do not stay by what closes others, or leaves something open", () => {
    assert.ok(!keeps("it('", "adds', () => {", "');"));
    assert.ok(!keeps("clamp(", "width);", ", 10);"));
    assert.ok(!keeps("if (", "height > 0) {", " && height > 0) {"));
    assert.ok(!keeps("f(", "g(", ")"));
    assert.ok(!keeps("f(", ") + (", ")"));
    assert.ok(!keeps("f(", "'a", ")"));
  });

  it("are told from lifetimes", () => {
    const before = "fn longest<'a>(x: &'a str, y: ";
    const after = ") -> &'a str {";
    assert.ok(keeps(before, "&'a str", after, "rust"));
    assert.ok(!keeps(before, "&'a str)", after, "rust"));
    assert.ok(!keeps("f(", "'a", ")", "javascript"));
    assert.ok(keeps("f(", "'('", ")", "rust"));
  });

  it("are never broken by what is shown before other text", () => {
    fc.assert(
      fc.property(text, text, text, (before, shown, after) => {
        fc.pre(after.trim() !== "");
        const suggestion = {
          text: shown,
          reason: "generated" as const,
          tokens: [],
          timings: noTimings,
        };
        const around = between(before, after);
        const { text: left } = postprocess(suggestion, around);
        assert.ok(shown.startsWith(left));
        assert.ok(!breaksLine(before, left, after));
      }),
      { numRuns: 1000 },
    );
  });
});
