import assert from "node:assert/strict";
import type { DecodeOptions } from "../../../src/completion/decode";
import { lineOf, type Line } from "../../../src/completion/midLine/line";
import {
  decodeFrom,
  otherStart,
} from "../../../src/completion/midLine/otherLine";
import { Trail } from "../../../src/completion/midLine/trail";
import { decode } from "../../../src/completion/decode";
import { RequiredPrefix } from "../../../src/completion/processors/requiredPrefix";
import { suggestionCriteria } from "../../../src/completion/stopping";
import { greedy } from "../../../src/engine/sampling";
import { encode } from "../../../src/tokenizer/tokenizer";
import { around } from "../../support/cursor";
import { expecting, type Expecting } from "../../support/expecting";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer([
  "width",
  "height",
  "re",
  "turn",
  "tuba",
  "set",
]);
const idOf = (text: string) => encode(tokenizer, Buffer.from(text))[0]!;
const { log } = Math;

const defaults: DecodeOptions = {
  tokenizer,
  skippedBytes: 0,
  processors: [],
  sampler: greedy,
  // Text stands right of the cursor, so that a text ends with its line.
  stoppingCriteria: suggestionCriteria(around("f(█)"), 4),
  maxTokens: 40,
  minConfidence: 0,
  timeBudget: Infinity,
  whole: "lines",
  signal: new AbortController().signal,
};

/** The likeliest line of some texts, as decoding has gone through it. */
async function firstLine(
  continuation: Expecting,
  given: Partial<DecodeOptions> = {},
): Promise<Line> {
  const options = { ...defaults, ...given };
  const trail = new Trail(continuation);
  const { text, tokens } = await decode(continuation, {
    ...options,
    processors: [...options.processors, trail],
  });
  return lineOf(tokenizer, trail, text, tokens, options);
}
/** The other start of that line, by its text. */
async function startOf(
  texts: Readonly<Record<string, number>>,
  { prefix = "" } = {},
) {
  const healed = Buffer.from(prefix);
  const line = await firstLine(expecting(tokenizer, texts), {
    skippedBytes: healed.length,
    processors: [new RequiredPrefix(tokenizer, healed)],
  });
  const start = otherStart(tokenizer, line, healed);
  return start && { text: start.text, at: start.at, token: start.token };
}

describe("the other start of a line", () => {
  it("is the likeliest token in place of one of its own", async () => {
    const texts = { "width, 1)": 0.5, "width; 1)": 0.3, "height, 2)": 0.2 };
    // ";" after "width": 0.8 · 0.3 / 0.8 = 0.3, against 0.2 of "height".
    assert.deepEqual(await startOf(texts), {
      text: "width;",
      at: 1,
      token: idOf(";"),
    });
    const other = { "width, 1)": 0.5, "width; 1)": 0.1, "height, 2)": 0.4 };
    assert.deepEqual(await startOf(other), {
      text: "height",
      at: 0,
      token: idOf("height"),
    });
  });

  it("is the first of equals", async () => {
    const texts = { width: 0.5, b: 0.25, a: 0.25 };
    assert.equal((await startOf(texts))?.text, "a");
  });

  it("is none where all others are too unlikely", async () => {
    const of = (rest: number) => ({ width: 1 - rest, height: rest });
    assert.equal((await startOf(of(0.03)))?.text, "height");
    assert.equal(await startOf(of(0.015)), undefined);
  });

  it("is not the end of the line, nor of the text", async () => {
    assert.equal(await startOf({ width: 0.5, "width\n": 0.3 }), undefined);
    const texts = { "width, 1": 0.6, "width\n": 0.3, "height, 1": 0.1 };
    assert.equal((await startOf(texts))?.text, "height");
    assert.equal(
      (await startOf({ "width, 1": 0.6, "width\r": 0.3, "height, 1": 0.1 }))
        ?.text,
      "height",
    );
  });

  it("is no half character", async () => {
    const texts = { "width, 1": 0.5, é: 0.3, "width; 1": 0.2 };
    assert.equal((await startOf(texts))?.text, "width;");
  });

  it("may be the first token of the vocabulary", async () => {
    const start = await startOf({ "width, 1": 0.6, "\0, 1": 0.4 });
    assert.deepEqual(start, { text: "\0", at: 0, token: 0 });
    const own = await startOf({ "\0, 1": 0.6, "\x01, 1": 0.4 });
    assert.deepEqual(own, { text: "\x01", at: 0, token: 1 });
  });

  it("is no row of the network that stands for no token", async () => {
    const texts = { "width, 1": 0.6, "height, 1": 0.1 };
    const line = await firstLine(expecting(tokenizer, texts));
    const steps = line.steps.map((step) => {
      const probabilities = new Float32Array(tokenizer.vocabularySize + 1);
      probabilities.set(step.probabilities);
      probabilities[tokenizer.vocabularySize] = 0.3;
      return { ...step, probabilities };
    });
    const wide = { ...line, steps };
    const found = otherStart(tokenizer, wide, new Uint8Array(0));
    assert.equal(found?.text, "height");
  });

  it("comes behind what was healed", async () => {
    const texts = { "return;": 0.6, "reset;": 0.4 };
    // "re" is certain: only what goes on with it counts, and the text begins behind it.
    assert.deepEqual(await startOf(texts, { prefix: "re" }), {
      text: "set",
      at: 1,
      token: idOf("set"),
    });
    const healed = { "return;": 0.5, "reset;": 0.2, "width;": 0.3 };
    assert.equal((await startOf(healed, { prefix: "re" }))?.text, "set");
    // What only repeats what stands there adds nothing: the next one counts.
    const within = { "turn;": 0.5, "t(x": 0.3, "tuba;": 0.2 };
    assert.equal((await startOf(within, { prefix: "t" }))?.text, "uba");
    const beyond = { "turn;": 0.6, "tuba;": 0.4 };
    assert.equal((await startOf(beyond, { prefix: "t" }))?.text, "uba");
  });
});

describe("a line that is decoded from its other start", () => {
  const texts = {
    "width, 10)\n": 0.5,
    "width + 20)\n": 0.3,
    "height, 3)\n": 0.2,
  };
  const other = async (
    given: Partial<DecodeOptions> = {},
    expected: Readonly<Record<string, number>> = texts,
  ) => {
    const continuation = expecting(tokenizer, expected);
    const line = await firstLine(continuation);
    const start = otherStart(tokenizer, line, new Uint8Array(0))!;
    return decodeFrom(continuation, start, { ...defaults, ...given });
  };

  it("goes on from there, and ends as the first one does", async () => {
    const { line, steps } = await other();
    assert.equal(line.text, "width + 20)");
    assert.deepEqual(line.ids, [
      idOf("width"),
      ...encode(tokenizer, Buffer.from(" + 20)\n")),
    ]);
    assert.deepEqual(
      line.tokens.map(({ end }) => end),
      [5, 6, 7, 8, 9, 10, 11, 12],
    );
    // " " is certain no more: 0.8 for "width", 0.3 of them for " ".
    const path = line.path.map((p) => Math.exp(p));
    assert.ok(Math.abs(path[1]! - 0.8) < 2e-3, path.join());
    assert.ok(Math.abs(path[2]! - 0.3) < 2e-3, path.join());
    assert.ok(Math.abs(path.at(-1)! - 0.3) < 2e-3, path.join());
    // The sixth token ends the line.
    assert.equal(steps, 5);
    // Each of the line's tokens has the position before it.
    assert.equal(line.steps.length, line.ids.length);
  });

  it("has as many tokens as there may be in all", async () => {
    const text = async (maxTokens: number) =>
      (await other({ maxTokens, whole: "words" })).line.text;
    // "width", " ", "+" and " "; a fifth would be the half of a number.
    assert.equal(await text(4), "width + ");
    assert.equal(await text(5), "width + ");
    assert.equal(await text(6), "width + 20");
  });

  it("ends where it would be less likely than the whole may be", async () => {
    const unsure = {
      "width, 10)\n": 0.5,
      "height, 3)\n": 0.3,
      "height, 4)\n": 0.2,
    };
    assert.equal(
      (await other({ minConfidence: 0.2 }, unsure)).line.text,
      "height, 3)",
    );
    assert.equal(
      (await other({ minConfidence: 0.4 }, unsure)).line.text,
      "height, ",
    );
  });

  it("begins behind what was healed", async () => {
    const prefix = Buffer.from("re");
    const continuation = expecting(tokenizer, {
      "return 1;\n": 0.6,
      "reset = 2;\n": 0.4,
    });
    const options = { ...defaults, skippedBytes: 2 };
    const line = await firstLine(continuation, {
      ...options,
      processors: [new RequiredPrefix(tokenizer, prefix)],
    });
    const start = otherStart(tokenizer, line, prefix)!;
    const from = async (maxTokens: number) =>
      (await decodeFrom(continuation, start, { ...options, maxTokens })).line;
    const whole = await from(40);
    assert.equal(whole.text, "set = 2;");
    assert.equal(whole.healedTokens, 1);
    assert.deepEqual(whole.ids.slice(0, 3), [
      idOf("re"),
      idOf("set"),
      idOf(" "),
    ]);
    assert.deepEqual(
      whole.tokens.slice(0, 3).map(({ end }) => end),
      [3, 4, 5],
    );
    assert.ok(Math.abs(whole.path[1]!) < 1e-9);
    assert.ok(Math.abs(whole.path[2]! - log(0.4)) < 2e-3);
    // "set", " ", "=" and " " are four; what was healed is none of them.
    assert.equal((await from(4)).text, "set = ");
    assert.equal((await from(5)).text, "set = 2");
    // Behind "set", which is its start, three more.
    const short = await decodeFrom(continuation, start, options, 3);
    assert.equal(short.line.text, "set = ");
  });

  it("keeps what was decided before", async () => {
    const start = { text: "my", logProbability: log(0.5) };
    const continuation = expecting(tokenizer, {
      "(width": 0.6,
      "(height": 0.4,
    });
    const line = await firstLine(continuation, { start });
    assert.equal(line.text, "my(width");
    const found = otherStart(tokenizer, line, new Uint8Array(0))!;
    assert.deepEqual([found.text, found.at], ["my(height", 1]);
    const options = { ...defaults, start };
    const { line: second } = await decodeFrom(continuation, found, options);
    assert.equal(second.text, "my(height");
    assert.equal(second.given.text, "my");
    assert.deepEqual(second.ids, [idOf("("), idOf("height")]);
    assert.deepEqual(
      second.tokens.map(({ end }) => end),
      [3, 9],
    );
    assert.ok(Math.abs(second.path.at(-1)! - log(0.5 * 0.4)) < 2e-3);
  });
});
