import assert from "node:assert/strict";
import fc from "fast-check";
import type { MinConfidence } from "../../src/completion/confidence";
import { keepSure } from "../../src/completion/keepSure";
import type { Suggestion } from "../../src/completion/suggestion";
import { suggestionOf } from "../support/suggestions";

const least: MinConfidence = { short: 0.7, line: 0.4, lines: 0.8, newWord: 0 };

/** A suggestion of one token a line, each with its probability. */
function sure(
  lines: Readonly<Record<string, number>>,
  stop: Suggestion["stop"] = "end of block",
): Suggestion {
  let text = "";
  const tokens = Object.entries(lines).map(([line, probability]) => {
    text += line;
    const logProbability = Math.log(probability);
    return { id: 1, logProbability, end: text.length };
  });
  return { ...suggestionOf(text), stop, tokens };
}

describe("what is sure enough to be shown", () => {
  const kept = (suggestion: Suggestion, wanted = least) =>
    keepSure(suggestion, wanted).text;

  it("is what is likely enough as a whole", () => {
    assert.equal(kept(sure({ "foo();": 0.5 })), "foo();");
    const dropped = keepSure(sure({ "foo();": 0.3 }), least);
    assert.deepEqual([dropped.text, dropped.reason], ["", "not sure enough"]);
  });

  it("has to be surer where it is a character or two", () => {
    assert.equal(kept(sure({ ");": 0.6 })), "");
    assert.equal(kept(sure({ ");": 0.75 })), ");");
    assert.equal(kept(sure({ foo: 0.6 })), "foo");
    assert.equal(kept(sure({ a: 0.6 })), "");
  });

  it("has several lines only as a block that is likely as a whole", () => {
    const block = { "if (a) {": 0.95, "\n  b();\n}": 0.9 };
    assert.equal(kept(sure(block)), "if (a) {\n  b();\n}");
    assert.equal(kept(sure(block, "token limit")), "if (a) {");
    assert.equal(
      kept(sure({ "if (a) {": 0.95, "\n  b();\n}": 0.8 })),
      "if (a) {",
    );
    assert.equal(kept(sure({ "if (a) {": 0.3, "\n  b();\n}": 1 })), "");
    // What begins with a line break goes on in another line, too.
    assert.equal(kept(sure({ "\n  return a;": 0.9 })), "\n  return a;");
    const unsure = keepSure(sure({ "\n  return a;": 0.7 }), least);
    assert.deepEqual([unsure.text, unsure.reason], ["", "not sure enough"]);
  });

  it("is everything where it was asked for by hand", () => {
    const anything = { short: 0, line: 0, lines: 0, newWord: 0 };
    const text = { "a {": 0.01, "\n  b\n}": 0.01 };
    assert.equal(kept(sure(text, "token limit"), anything), "a {\n  b\n}");
  });

  it("never is more than the suggestion's beginning, nor less likely than asked for", () => {
    const token = fc.record({
      text: fc.constantFrom("a", "b()", "\n", " {\n  ", ";"),
      probability: fc.double({ min: 0.3, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(token, { minLength: 1 }), (tokens) => {
        const all = sure(
          {},
          tokens.length % 2 === 0 ? "end of block" : "token limit",
        );
        let text = "";
        const suggestion = {
          ...all,
          tokens: tokens.map(({ text: added, probability }) => {
            text += added;
            return {
              id: 1,
              logProbability: Math.log(probability),
              end: text.length,
            };
          }),
        };
        const left = keepSure({ ...suggestion, text }, least);
        assert.ok(text.startsWith(left.text));
        if (left.text === "") return;
        const sum = left.tokens.reduce((s, t) => s + t.logProbability, 0);
        const wanted = left.text.includes("\n") ? least.lines : least.line;
        assert.ok(Math.exp(sum) >= wanted - 1e-9);
      }),
    );
  });
});
