import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decode,
  endingOf,
  firstNonBlankLineEnd,
  lastWordStart,
  sureEnd,
  wholeEnd,
  type DecodeOptions,
} from "../../src/completion/decode";
import { heal } from "../../src/completion/healing";
import { confidenceOf } from "../../src/completion/suggestion";
import { WordEnd } from "../../src/completion/processors/wordEnd";
import { RequiredPrefix } from "../../src/completion/processors/requiredPrefix";
import { NoSuggestion } from "../../src/completion/reasons";
import { greedy, seededRandom } from "../../src/engine/sampling";
import type { Continuation, Mark } from "../../src/runtime/continuation";
import { encode } from "../../src/tokenizer/tokenizer";
import { FakeClock } from "../support/fakeClock";
import { FakeTokenizer, endOfText } from "../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["one", " two", "return"]);

/** Writes the given tokens, then ends the text; with random noise behind them. */
function writing(
  tokens: readonly number[],
  onPush: () => void = () => undefined,
): Continuation {
  let at = 0;
  return {
    prefilled: { run: 0, from: "start", exact: true, distance: 0 },
    next: () => {
      const probabilities = new Float32Array(tokenizer.vocabularySize).fill(
        1e-6,
      );
      probabilities[tokens[at] ?? endOfText] = 1;
      return probabilities;
    },
    passagesAround: () => [],
    mark: () => ({ at }) as unknown as Mark,
    rewind: (mark) => ({ at } = mark as unknown as { at: number }),
    push: () => {
      at++;
      onPush();
      return Promise.resolve();
    },
  };
}

function run(
  text: string,
  options: Partial<DecodeOptions> = {},
  onPush?: () => void,
) {
  return decode(writing(encode(tokenizer, Buffer.from(text)), onPush), {
    ...defaults,
    ...options,
  });
}

const defaults: DecodeOptions = {
  tokenizer,
  skippedBytes: 0,
  processors: [],
  maxTokens: 100,
  minConfidence: 0,
  timeBudget: Infinity,
  sampler: greedy,
  stoppingCriteria: [],
  whole: "lines",
  signal: new AbortController().signal,
};

/** Options for a text that begins with what stands in the document already. */
function requiring(prefix: string | Uint8Array) {
  const bytes = Buffer.from(prefix);
  return {
    skippedBytes: bytes.length,
    processors: [new RequiredPrefix(tokenizer, bytes)],
  };
}

/** Whether a text has no half of a surrogate pair in it. */
const isWhole = (text: string) => Buffer.from(text).toString() === text;

describe("decode", () => {
  it("writes until the end of the text", async () => {
    const { text, stop, steps } = await run("one two");
    assert.deepEqual([text, stop, steps], ["one two", "end of text", 2]);
  });

  it("leaves out the bytes it was held to", async () => {
    assert.equal((await run("return x", requiring("ret"))).text, "urn x");
  });

  it("ends with a whole word at the limit of tokens", async () => {
    assert.equal((await run("a bcd e", { maxTokens: 4 })).text, "a ");
    assert.equal((await run("a bcd e", { maxTokens: 5 })).text, "a bcd");
    assert.equal((await run("a bcd e", { maxTokens: 5 })).stop, "token limit");
  });

  it("ends with a whole line at the limit of tokens", async () => {
    assert.equal((await run("a(\n  b, c", { maxTokens: 6 })).text, "a(");
    assert.equal(
      (await run("a(\n  b, c", { maxTokens: 6, whole: "words" })).text,
      "a(\n  b",
    );
  });

  it("ends when the time is up", async () => {
    const clock = new FakeClock();
    try {
      const written = "one two ".repeat(50);
      // Eight tokens in 40 ms: a space before "one" is one of its own.
      const { text, stop } = await run(written, { timeBudget: 40 }, () =>
        clock.advance(5),
      );
      assert.equal(stop, "time budget");
      assert.equal(text, "one two one two one two");
    } finally {
      clock.restore();
    }
  });

  it("ends before bytes that are no UTF-8", async () => {
    const continuation = writing([
      ..."ab".split("").map((c) => c.charCodeAt(0)),
      0xff,
      0x61,
    ]);
    const result = await decode(continuation, {
      tokenizer,
      skippedBytes: 0,
      processors: [],
      maxTokens: 9,
      minConfidence: 0,
      timeBudget: Infinity,
      sampler: greedy,
      stoppingCriteria: [],
      whole: "lines",
      signal: new AbortController().signal,
    });
    assert.deepEqual([result.text, result.stop], ["ab", "broken character"]);
  });

  it("stops with the signal's reason", async () => {
    const abort = new AbortController();
    const reason = new NoSuggestion("cancelled");
    let pushes = 0;
    const onPush = () => {
      if (++pushes === 5) abort.abort(reason);
    };
    const { signal } = abort;
    await assert.rejects(
      run("one two ".repeat(50), { signal }, onPush),
      reason,
    );
    assert.equal(pushes, 5);
  });

  it("keeps a byte order mark that it writes", async () => {
    assert.equal((await run("\ufeffa")).text, "\ufeffa");
  });

  it("tells nothing but whole characters on the way", async () => {
    const told: string[] = [];
    await run("né 😀 日本", { onText: (text) => told.push(text) });
    assert.ok(
      told.every((text) => "né 😀 日本".startsWith(text) && isWhole(text)),
    );
    // Each character once, though all but two take several tokens.
    assert.deepEqual(new Set(told).size, [..."né 😀 日本"].length);
    assert.equal(told.at(-1), "né 😀 日本");
  });

  it("never ends in half a character, wherever a limit falls", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme" }),
        fc.nat(20),
        async (text, maxTokens) => {
          const result = await run(text, { maxTokens });
          assert.ok(isWhole(result.text));
          assert.ok(text.replaceAll("\r", "").startsWith(result.text));
        },
      ),
    );
  });

  it("starts with what was typed, whatever the model would rather write", async () => {
    const texts = fc.string({
      unit: fc.constantFrom("r", "e", "t", "u", "n", " ", "o", "é", "("),
    });
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.nat(), async (typed, wanted, seed) => {
        const random = seededRandom(seed);
        const healed = heal(
          tokenizer,
          encode(tokenizer, Buffer.from(typed)),
          0,
        );
        const written: number[] = [];
        const model = writing(encode(tokenizer, Buffer.from(wanted)));
        await decode(
          {
            ...model,
            push: (token) => (written.push(token), model.push(token)),
          },
          {
            tokenizer,
            ...requiring(healed.healedPrefix),
            maxTokens: 10,
            minConfidence: 0,
            timeBudget: Infinity,
            sampler: (probabilities) =>
              greedy(probabilities.map((p) => p * (random() || 1))),
            stoppingCriteria: [],
            whole: "lines",
            signal: new AbortController().signal,
          },
        );
        const all = Buffer.concat(
          [...healed.tokens, ...written].map((t) => tokenizer.bytesOf(t)),
        );
        const start = all.subarray(0, Buffer.byteLength(typed)).toString();
        assert.equal(start, typed.slice(0, start.length));
      }),
    );
  });

  it("goes on behind a name that was chosen, without another word", async () => {
    const { text, tokens } = await run("xone", {
      start: { text: "adTotals", logProbability: Math.log(0.5) },
      processors: [new WordEnd(tokenizer)],
      maxTokens: 12,
    });
    assert.match(text, /^adTotals(?![\w])/);
    assert.deepEqual(tokens[0], {
      id: -1,
      logProbability: Math.log(0.5),
      end: 8,
    });
  });

  it("ends where the text would be less likely than asked for", async () => {
    const unsure = writing(encode(tokenizer, Buffer.from("one two ab")));
    // From the third token on, each is one of two.
    let at = 0;
    const continuation: Continuation = {
      ...unsure,
      next: () => {
        const probabilities = unsure.next();
        return at < 2 ? probabilities : probabilities.map((p) => p / 2);
      },
      push: (token) => (at++, unsure.push(token)),
    };
    const { text, stop, next } = await decode(continuation, {
      ...defaults,
      minConfidence: 0.4,
    });
    assert.deepEqual([text, stop], ["one two ", "not sure enough"]);
    assert.ok(next);
    // The token that was left out, and what the text would be with it.
    assert.ok(text.length < next.text.length);
    assert.ok("one two ab".startsWith(next.text));
    assert.equal(next.tokens.at(-1)?.end, next.text.length);
    assert.ok(confidenceOf(next) < 0.4);
    const sure = { text: "one", logProbability: Math.log(0.3) };
    const none = await run(" two", { start: sure, minConfidence: 0.4 });
    assert.deepEqual(none, {
      text: "",
      stop: "not sure enough",
      tokens: [],
      steps: 0,
      next: {
        text: "one",
        tokens: [{ id: -1, logProbability: Math.log(0.3), end: 3 }],
      },
    });
    const rare = { ...sure, isKnown: false };
    const unknown = await run(" two", { start: rare, minConfidence: 0.4 });
    assert.equal(unknown.next?.tokens[0]?.isNewWord, true);
  });

  it("goes on with another line only where that is likely enough", async () => {
    const text = "ab {\n  one\n}";
    const half = { text: "a", logProbability: Math.log(0.5) };
    const next = (minConfidenceOfLines: number) =>
      run(text.slice(1), {
        start: half,
        minConfidence: 0.4,
        minConfidenceOfLines,
      });
    assert.equal((await next(0.45)).text, text);
    const line = await next(0.6);
    assert.deepEqual([line.text, line.stop], ["ab {", "end of line"]);
  });

  it("counts that a name is complete already", async () => {
    const complete = { text: "", logProbability: Math.log(0.5) };
    const { text, tokens } = await run("xone", { start: complete });
    assert.equal(text, "xone");
    assert.equal(tokens[0]!.end, 1);
    assert.ok(Math.abs(Math.exp(tokens[0]!.logProbability) - 0.5) < 1e-3);
    assert.ok(Math.exp(tokens[1]!.logProbability) > 0.9);
  });
});

describe("where a text ends", () => {
  const next = (text: string) => Buffer.from(text);

  it("is its last whole word, unless the next token begins another one", () => {
    for (const [text, token, end] of [
      ["foo bar", "baz", 4],
      ["foo bar", "_1", 4],
      ["foo bar", "é", 4],
      ["foo bar", " baz", 7],
      ["foo bar", ")", 7],
      ["foo bar", "\n", 7],
      ["foo bar", "\r", 7],
      ["foo(", "bar", 4],
      ["foo", "bar", 0],
      ["foo é", "a", 4],
      // Each of these characters may be a word.
      ["日本", "語", 2],
      ["x日本", "語", 3],
    ] as const) {
      assert.equal(wholeEnd(text, next(token), "words"), end, text + token);
      assert.equal(wholeEnd(text, next(token), "lines"), end, text + token);
    }
  });

  it("is its last whole line where lines are wanted and one is there", () => {
    const of = (text: string, token: string, whole: "lines" | "words") =>
      wholeEnd(text, next(token), whole);
    assert.equal(of("a;\n  b c", "d", "lines"), 2);
    assert.equal(of("a;\n  b c", "d", "words"), 7);
    assert.equal(of("a;\nb;\nc", ";", "lines"), 5);
    assert.equal(of("a;\nb;\nc", "\n", "lines"), 7);
    // A blank line is no line to show.
    assert.equal(of("\n  b c", "d", "lines"), 5);
    assert.equal(of("  \n b", " ", "lines"), 5);
  });

  it("is the end of its first line that is not blank where it is not sure enough", () => {
    for (const [text, token, end] of [
      ["foo bar", "baz", 4],
      ["foo;\nbar", "baz", 4],
      ["\n  foo;\n  bar", "baz", 7],
      ["\n  foo", " ", 6],
      ["\n  ", "a", 3],
    ] as const)
      assert.equal(sureEnd(text, next(token)), end, text);
  });

  it("is where the last word starts, which is bounded", () => {
    assert.equal(lastWordStart("foo bar"), 4);
    assert.equal(lastWordStart("foo "), 4);
    assert.equal(lastWordStart(""), 0);
    assert.equal(lastWordStart("x".repeat(300)), 300 - 256);
    assert.equal(firstNonBlankLineEnd("a\nb"), 1);
    assert.equal(firstNonBlankLineEnd("\na\nb"), 2);
    assert.equal(firstNonBlankLineEnd("\na"), -1);
    assert.equal(firstNonBlankLineEnd("\n "), -1);
  });

  it("is where the first criterion says, or before bytes that are no UTF-8", () => {
    const never = () => undefined;
    const at = (end: number) => () => ({ end, stop: "end of line" }) as const;
    assert.equal(endingOf("abc", []), undefined);
    assert.equal(endingOf("abc", [never]), undefined);
    assert.equal(endingOf("abc", [never, at(2), at(1)])?.end, 2);
    assert.deepEqual(endingOf("\ufffdabc", [at(2)]), {
      end: 0,
      stop: "broken character",
    });
  });
});
