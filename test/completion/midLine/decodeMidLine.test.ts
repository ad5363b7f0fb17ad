import assert from "node:assert/strict";
import { surroundings } from "../../../src/completion/context";
import type { Fits } from "../../../src/completion/fits";
import { decodeMidLine } from "../../../src/completion/midLine/decodeMidLine";
import { suggestionCriteria } from "../../../src/completion/stopping";
import { confidenceOf } from "../../../src/completion/suggestion";
import { greedy } from "../../../src/engine/sampling";
import type { Continuation, Mark } from "../../../src/runtime/continuation";
import { endOfText, FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["width", "height", ");", ", "]);

/** Expects each of some texts with a probability, character by character or by longer tokens. */
function expecting(texts: Readonly<Record<string, number>>): Continuation {
  let written = "";
  return {
    prefilled: { run: 0, from: "start", exact: true, distance: 0 },
    next: () => {
      const next = new Float32Array(tokenizer.vocabularySize).fill(1e-6);
      for (const [text, probability] of Object.entries(texts)) {
        if (!text.startsWith(written)) continue;
        const rest = Buffer.from(text.slice(written.length));
        const [piece] = tokenizer.pieces(rest);
        next[piece?.tokens[0] ?? endOfText]! += probability;
      }
      const sum = next.reduce((total, value) => total + value, 0);
      return next.map((value) => value / sum);
    },
    mark: () => ({ written }) as unknown as Mark,
    rewind: (mark) => ({ written } = mark as unknown as { written: string }),
    push: (token) => {
      written += Buffer.from(tokenizer.bytesOf(token)).toString();
      return Promise.resolve();
    },
  };
}

function complete(
  texts: Readonly<Record<string, number>>,
  [before, after]: [string, string],
  minConfidence = 0,
  fits?: Fits,
) {
  const around = {
    ...surroundings("typescript", before, after),
    ...(fits && { fits }),
  };
  return decodeMidLine(
    expecting(texts),
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

  it("is not sure of a text where an unlikely one goes better with what follows", async () => {
    const texts = { "height);\n": 0.8, "width, 10);\n": 0.2 };
    const at: [string, string] = ["clamp(", ", 10);"];
    assert.equal((await complete(texts, at, 0.6)).text, "");
    assert.equal((await complete(texts, at, 0.2)).text, "width");
  });

  it("starts with no line break, though that is likeliest", async () => {
    const texts = { "\n  10,\n);": 0.6, "\n\n": 0.2, "width);\n": 0.2 };
    const { text } = await complete(texts, ["clamp(", ");"]);
    assert.equal(text, "width");
  });

  it("takes the likeliest that adds no syntax error", async () => {
    const texts = { "height, 10);\n": 0.6, "width, 10);\n": 0.4 };
    const at: [string, string] = ["clamp(", ", 10);"];
    const { text } = await complete(texts, at, 0, (inserted) =>
      inserted === "height" ? 0 : inserted.length,
    );
    assert.equal(text, "width");
    const none = await complete(texts, at, 0, () => 0);
    assert.equal(none.text, "");
  });

  it("does not begin with the word that follows", async () => {
    const texts = { "width * width;\n": 0.9, "2 * width;\n": 0.1 };
    const { text } = await complete(texts, ["a = ", "width;"]);
    assert.equal(text, "2 *");
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
