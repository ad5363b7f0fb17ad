import assert from "node:assert/strict";
import { decodeWholeLine } from "../../../src/completion/wholeLine/decodeWholeLine";
import { RequiredPrefix } from "../../../src/completion/processors/requiredPrefix";
import { NoSuggestion } from "../../../src/completion/reasons";
import { suggestionCriteria } from "../../../src/completion/stopping";
import { confidenceOf } from "../../../src/completion/suggestion";
import { greedy } from "../../../src/engine/sampling";
import { encode } from "../../../src/tokenizer/tokenizer";
import { between } from "../../support/cursor";
import { expecting } from "../../support/expecting";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(
  ["width", "height", ", ", ";\n", "read"],
  true,
);

function complete(
  texts: Readonly<Record<string, number>>,
  after: string,
  {
    minConfidence = 0.5,
    runs = 40,
    healed = "",
    onPush,
    elsewhere = [],
    signal = new AbortController().signal,
  }: {
    minConfidence?: number;
    runs?: number;
    healed?: string;
    onPush?: (pushes: number, following: number) => void;
    /** Texts in other files, up to the next line's first three tokens. */
    elsewhere?: string | readonly string[];
    signal?: AbortSignal;
  } = {},
) {
  const around = between(`first();\n${healed}`, after);
  return decodeWholeLine(
    expecting(tokenizer, texts, {
      onPush,
      passages: [elsewhere].flat().map((text) => ({
        before: encode(tokenizer, Buffer.from(text)),
        after: [],
      })),
    }),
    () => ({
      tokenizer,
      skippedBytes: healed.length,
      processors: [new RequiredPrefix(tokenizer, Buffer.from(healed))],
      sampler: greedy,
      stoppingCriteria: suggestionCriteria(around, 4),
      maxTokens: 40,
      minConfidence,
      minConfidenceOfLines: 0.8,
      timeBudget: Infinity,
      whole: "lines",
      signal,
    }),
    around,
    Buffer.from(healed),
    runs,
  );
}

const behind = "\nread(1);\n";

describe("decoding a whole line before others", () => {
  it("takes the line that the next ones follow best, and is as sure as that makes it", async () => {
    const texts = { "width;\nheight;\n": 0.6, "height;\nread(1);\n": 0.4 };
    const { text, stop, tokens } = await complete(texts, behind);
    assert.deepEqual({ text, stop }, { text: "height;", stop: "end of line" });
    assert.ok(confidenceOf({ tokens }) > 0.95);
    assert.ok(tokens.every((token) => token.logProbability <= 0));
    // With nothing known of what follows, the first would be right more often.
    const other = await complete(texts, "\nheight;\n");
    assert.equal(other.text, "width;");
  });

  it("looks behind the whole of what the line's own spelling leaves", async () => {
    const texts = {
      "\n  width;\n  x();\n": 0.6,
      "\n  height;\n  read(1);\n": 0.4,
    };
    const { text } = await complete(texts, "\n  read(1);\n", {
      healed: "\n  ",
    });
    assert.equal(text, "height;");
  });

  it("ends a line early, or late, as what follows wants it", async () => {
    const texts = {
      "width, height\nx\n": 0.6,
      "width\nread(1);\n": 0.3,
      "width, 2\nread(2);\n": 0.1,
    };
    assert.equal((await complete(texts, behind)).text, "width");
    const { text } = await complete(texts, "\nread(2);\n");
    assert.equal(text, "width, 2");
  });

  it("keeps what lines that are alike begin with, where none is sure enough", async () => {
    const texts = {
      "width, 1\nread(1);\n": 0.4,
      "width, 2\nread(1);\n": 0.35,
      "height\nread(1);\n": 0.25,
    };
    const { text, stop, tokens, next } = await complete(texts, behind);
    assert.deepEqual(
      { text, stop },
      { text: "width, ", stop: "not sure enough" },
    );
    assert.ok(Math.abs(confidenceOf({ tokens }) - 0.75) < 0.01);
    assert.equal(next?.text, "width, 1");
    const unsure = await complete(texts, behind, { minConfidence: 0.9 });
    assert.equal(unsure.text, "");
    const whole = await complete(texts, behind, { minConfidence: 0.3 });
    assert.equal(whole.text, "width, 1");
  });

  it("takes lines that were not tried to be followed as well as those that were", async () => {
    const texts = { "width\nread(1);\n": 0.4, "height\nread(1);\n": 0.6 };
    // Runs for the first line alone.
    const { tokens } = await complete(texts, behind, { runs: 0 });
    assert.ok(Math.abs(confidenceOf({ tokens }) - 0.6) < 0.01);
  });

  it("may be a line that stands elsewhere before the next one, however unlikely its beginning", async () => {
    const texts = {
      "width;\nheight;\n": 0.7,
      "zebra, zoo\nread(1);\n": 0.01,
      "height;\nread(2);\n": 0.29,
    };
    const runs = 3;
    const without = await complete(texts, behind, { runs });
    assert.equal(without.text, "height;");
    const elsewhere = "x\nzebra, zoo\nread(1";
    const { text, tokens } = await complete(texts, behind, { runs, elsewhere });
    assert.equal(text, "zebra, zoo");
    assert.ok(confidenceOf({ tokens }) > 0.7);
    assert.equal(tokens.at(-1)?.end, text.length);
    // What stands there counts no more than what the model thinks of it.
    const other = await complete(texts, behind, {
      elsewhere: "x\nquite, other\nread(1",
    });
    assert.equal(other.text, "zebra, zoo");
  });

  it("decodes no line that stands elsewhere again, nor that of the likeliest tokens", async () => {
    const texts = {
      "width.aaaa(bb) = 1;\nx();\n": 0.5,
      "height.cccc(dd) = 2;\nx();\n": 0.3,
      "other.eeee(ff) = 3;\nread(1);\n": 0.2,
    };
    const elsewhere = "x\nheight.cccc(dd) = 2;\nread(1";
    const { text, steps } = await complete(texts, behind, { elsewhere });
    assert.equal(text, "other.eeee(ff) = 3;");
    const without = await complete(texts, behind);
    assert.ok(steps < without.steps, `${steps}, ${without.steps}`);
  });

  it("ends when it is told to, between two lines that stand elsewhere", async () => {
    const abort = new AbortController();
    const texts = { "width;\nx\n": 0.6, "height;\ny\n": 0.4 };
    const names = ["q", "r", "s", "t"];
    let read = 0;
    const completing = complete(texts, behind, {
      elsewhere: names.map((name) => `x\n${name}${name}\nread(1`),
      signal: abort.signal,
      onPush: (_, following) => {
        // The first tokens of a known line.
        if (following < 4) return;
        read++;
        setImmediate(() => abort.abort(new NoSuggestion("superseded")));
      },
    });
    await assert.rejects(completing, NoSuggestion);
    assert.ok(read > 0 && read < names.length, `${read} lines`);
  });

  it("reads a line that stands elsewhere as the document begins it", async () => {
    const texts = {
      "\n  width;\n  x();\n": 0.6,
      "\n  height;\n  y();\n": 0.4,
      "\n  zebra, zoo\n  read(1);\n": 0.01,
    };
    const { text } = await complete(texts, "\n  read(1);\n", {
      healed: "\n  ",
      runs: 3,
      elsewhere: "x\n    zebra, zoo\n    read(1",
    });
    assert.equal(text, "zebra, zoo");
  });

  it("is never an empty line, though that is likeliest", async () => {
    const texts = { "\nread(1);\n": 0.6, "width\nread(1);\n": 0.4 };
    const { text } = await complete(texts, behind, { minConfidence: 0.3 });
    assert.equal(text, "width");
    assert.equal((await complete(texts, behind)).text, "");
  });

  it("is generated as any text where it is sure by itself, or no line break ends it", async () => {
    const lines = { "width(() => {\n  height\n});\n": 1 };
    const { text } = await complete(lines, "\nread(1);\n");
    assert.ok(text.includes("\n"), text);
    const endless = { [`width${", 1".repeat(30)}\n`]: 0.7, "2\n": 0.3 };
    assert.match((await complete(endless, behind)).text, /^width(, 1)+/);
  });

  it("begins as the line does in the document, however it is generated then", async () => {
    const texts = {
      "}\nabcdefgh\n": 0.5,
      "\n  width, 1\n  height\n": 0.4,
      "\n  read(2);\n  x\n": 0.01,
    };
    const sure = await complete(texts, "\n  height\n", { healed: "\n  " });
    assert.match(sure.text, /^width, 1/);
  });

  it("counts the runs of both, where a line is generated as any text after all", async () => {
    const pushes: number[] = [];
    const { steps } = await complete({ "width;\nread(1);\n": 1 }, behind, {
      onPush: (count) => pushes.push(count),
    });
    assert.equal(steps, pushes.length);
  });

  it("is as sure of a sign that one token has with the line break as of any other", async () => {
    const texts = { "width;\nread(1);\n": 0.55, "width, 3\nread(1);\n": 0.45 };
    const whole = await complete(texts, behind);
    assert.equal(whole.text, "width;");
    assert.ok(Math.abs(confidenceOf(whole) - 0.55) < 0.01);
    const unsure = await complete(texts, behind, { minConfidence: 0.7 });
    assert.equal(unsure.text, "width");
  });

  it("takes no more runs than it is given, and tries no beginning that is negligible", async () => {
    const texts: Record<string, number> = {};
    for (let n = 0; n < 9; n++) texts[`${n}, width, height\nx\n`] = 0.1;
    const { steps: least } = await complete(texts, behind, { runs: 0 });
    for (const runs of [5, 10]) {
      const { steps } = await complete(texts, behind, { runs });
      assert.ok(least < steps && steps < least + runs, `${steps} steps`);
    }
    const sure = { "width\nread(1);\n": 0.95, "height\nread(1);\n": 0.05 };
    const alone = await complete(sure, behind, { runs: 0 });
    assert.equal((await complete(sure, behind)).steps, alone.steps);
  });

  it("ends when it is told to", async () => {
    const abort = new AbortController();
    const texts = { "width\nx;\n": 0.6, "height\nread(1);\n": 0.4 };
    const stopped = complete(texts, behind, {
      signal: abort.signal,
      onPush: (pushes) => {
        if (pushes === 3) abort.abort(new NoSuggestion("cancelled"));
      },
    });
    await assert.rejects(stopped, { reason: "cancelled" });
  });
});
