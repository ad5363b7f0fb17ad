import assert from "node:assert/strict";
import { surroundings } from "../../../src/completion/context";
import { decodeMidLine } from "../../../src/completion/midLine/decodeMidLine";
import { suggestionCriteria } from "../../../src/completion/stopping";
import { confidenceOf } from "../../../src/completion/suggestion";
import { greedy } from "../../../src/engine/sampling";
import { expecting } from "../../support/expecting";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["width", "height", ");", ", "]);

function complete(
  texts: Readonly<Record<string, number>>,
  [before, after]: [string, string],
  minConfidence = 0,
) {
  const around = surroundings("typescript", before, after);
  return decodeMidLine(
    expecting(tokenizer, texts),
    {
      tokenizer,
      skippedBytes: 0,
      processors: [],
      sampler: greedy,
      stoppingCriteria: suggestionCriteria(around, 4),
      maxTokens: 40,
      minConfidence,
      timeBudget: Infinity,
      whole: "lines",
      signal: new AbortController().signal,
    },
    around,
    new Uint8Array(0),
  );
}

describe("decoding before other text of a line", () => {
  it("ends where the text after the cursor follows best", async () => {
    const texts = { "width, height);\n": 1 };
    const { text } = await complete(texts, ["clamp(", ", height);"]);
    assert.equal(text, "width");
    const all = await complete(texts, ["clamp(", ");"]);
    assert.equal(all.text, "width, height");
  });

  it("ends within a token", async () => {
    const { text } = await complete({ "f(width);\n": 1 }, ["a = ", ";"]);
    assert.equal(text, "f(width)");
  });

  it("takes another start that goes better with what follows", async () => {
    const texts = { "height);\n": 0.6, "width, 10);\n": 0.4 };
    const { text } = await complete(texts, ["clamp(", ", 10);"]);
    assert.equal(text, "width");
  });

  it("is silent where the chosen end is not sure enough", async () => {
    const texts = { "height, 10);\n": 0.5, "width, 10);\n": 0.5 };
    const at: [string, string] = ["clamp(", ", 10);"];
    const { text, stop } = await complete(texts, at, 0.7);
    assert.deepEqual({ text, stop }, { text: "", stop: "not sure enough" });
    assert.notEqual((await complete(texts, at, 0.3)).text, "");
  });

  it("gives the tokens the confidence of the whole text", async () => {
    const texts = { "height, 10);\n": 0.6, "width, 10);\n": 0.4 };
    const decoded = await complete(texts, ["clamp(", ", 10);"]);
    assert.equal(decoded.text, "height");
    assert.ok(Math.abs(confidenceOf(decoded) - 0.6) < 0.15);
    assert.ok(decoded.tokens.every((token) => token.logProbability <= 0));
  });

  it("inserts nothing where it would break the line", async () => {
    const texts = { ");\n": 1 };
    const { text } = await complete(texts, ["clamp(", ", 10);"]);
    assert.equal(text, "");
  });
});
