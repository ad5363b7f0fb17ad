import assert from "node:assert/strict";
import type { Decoded } from "../../../src/completion/decode";
import type { Fits } from "../../../src/completion/fits";
import { decodeMidLine } from "../../../src/completion/midLine/decodeMidLine";
import { RequiredPrefix } from "../../../src/completion/processors/requiredPrefix";
import { NoSuggestion } from "../../../src/completion/reasons";
import { timeBudgetOf, unlimited } from "../../../src/completion/timeBudget";
import { suggestionCriteria } from "../../../src/completion/stopping";
import { confidenceOf } from "../../../src/completion/suggestion";
import { greedy } from "../../../src/engine/sampling";
import { expecting } from "../../support/expecting";
import { FakeClock } from "../../support/fakeClock";
import { FakeTokenizer } from "../../support/fakeTokenizer";
import { between } from "../../support/cursor";

const tokenizer = new FakeTokenizer(
  ["width", "height", ");", ", ", "re"],
  true,
);

function complete(
  texts: Readonly<Record<string, number>>,
  [before, after]: [string, string],
  minConfidence = 0,
  {
    fits,
    noise,
    onPush,
    healed = "",
    ...given
  }: Partial<Parameters<typeof decodeMidLine>[1]> & {
    fits?: Fits;
    noise?: number;
    onPush?: (pushes: number) => void;
    healed?: string;
  } = {},
) {
  const around = {
    ...between(before, after),
    ...(fits && { fits }),
  };
  return decodeMidLine(
    expecting(tokenizer, texts, { noise, onPush }),
    {
      tokenizer,
      skippedBytes: healed.length,
      processors: [new RequiredPrefix(tokenizer, Buffer.from(healed))],
      sampler: greedy,
      stoppingCriteria: suggestionCriteria(around, 4),
      maxTokens: 40,
      minConfidence,
      whole: "lines",
      signal: new AbortController().signal,
      ...unlimited,
      ...given,
    },
    around,
    Buffer.from(healed),
  );
}
/** The confidence of a text, as near as the millionths of other tokens allow. */
function assertConfidence(decoded: Decoded, expected: number) {
  const confidence = confidenceOf(decoded);
  assert.ok(
    Math.abs(confidence - expected) < 3e-3,
    `${confidence} is not ${expected}`,
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

  it("counts another start also where its line is longer than there are runs left", async () => {
    const rest = "1, 2, 3, 4, 5);\n";
    const texts = { "height);\n": 0.6, [`width, ${rest}`]: 0.4 };
    for (const runs of [6, 7, 8]) {
      const { text, steps } = await complete(
        texts,
        ["clamp(", `, ${rest}`],
        0,
        { midLine: { ...unlimited.midLine, runs } },
      );
      assert.equal(text, "width", `${runs} runs`);
      // "height" and ");" are two steps.
      assert.ok(steps <= 2 + runs, `${steps} steps`);
    }
  });

  it("is not sure of a text where an unlikely one goes better with what follows", async () => {
    const texts = { "height);\n": 0.8, "width, 10);\n": 0.2 };
    const at: [string, string] = ["clamp(", ", 10);"];
    assert.equal((await complete(texts, at, 0.6)).text, "");
    assert.equal((await complete(texts, at, 0.15)).text, "width");
  });

  it("starts with no line break, though that is likeliest", async () => {
    const texts = { "\n  10,\n);": 0.6, "\n\n": 0.2, "width);\n": 0.2 };
    const { text } = await complete(texts, ["clamp(", ");"]);
    assert.equal(text, "width");
  });

  it("takes the likeliest that adds no syntax error", async () => {
    const texts = { "height, 10);\n": 0.6, "width, 10);\n": 0.4 };
    const at: [string, string] = ["clamp(", ", 10);"];
    const { text } = await complete(texts, at, 0, {
      fits: (inserted) => (inserted === "height" ? 0 : inserted.length),
    });
    assert.equal(text, "width");
    const none = await complete(texts, at, 0, { fits: () => 0 });
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
    // What follows the cursor is certain behind both: 0.6 / (0.6 + 0.4 + (1 − 0.6)).
    assertConfidence(decoded, 0.6 / 1.4);
    assert.ok(decoded.tokens.every((token) => token.logProbability <= 0));
  });

  it("gives each token its part of it", async () => {
    const texts = { "1+2, 9;\n": 0.6, "height, 9;\n": 0.4 };
    const { text, tokens } = await complete(texts, ["f(", ", 9;"]);
    assert.equal(text, "1+2");
    const [first, ...others] = tokens.map(({ logProbability }) =>
      Math.exp(logProbability),
    );
    // Behind the "1" all is certain.
    assert.ok(Math.abs(first! - 0.6 / 1.4) < 3e-3, `${first}`);
    for (const certain of others) assert.ok(certain > 0.99, `${certain}`);
  });

  it("weighs the ends by how likely the text after the cursor is behind them", async () => {
    const texts = {
      "height, 10);\n": 0.45,
      "height, 20);\n": 0.15,
      "width, 10);\n": 0.4,
    };
    // It has 0.75 behind "height": (0.45 + 0.4) / 0.75 were tried.
    const decoded = await complete(texts, ["clamp(", ", 10);"]);
    assert.equal(decoded.text, "height");
    assertConfidence(decoded, 0.6 / (0.85 / 0.75 + 0.4));
  });

  it("counts the ends of one line that the text after the cursor may follow", async () => {
    const texts = { "1,2;\n": 0.55, "1,2,2;\n": 0.45 };
    // "1" and "1,2" are certain, and ",2;" follows them with 0.55 and 0.45.
    const decoded = await complete(texts, ["f(", ",2;"]);
    assert.equal(decoded.text, "1");
    assertConfidence(decoded, 0.55);
  });

  it("halves the confidence where what follows may be there already", async () => {
    const texts = { ", 10, 10);\n": 1 };
    const decoded = await complete(texts, ["f(x", ", 10);"], 0, { noise: 0 });
    // The tokens are certain, so each has the same share of the half.
    assert.equal(decoded.text, ", 10");
    assertConfidence(decoded, 0.5);
    const [first, ...others] = decoded.tokens;
    assert.ok(others.length > 0);
    for (const { logProbability } of others)
      assert.equal(logProbability, first!.logProbability);
  });

  it("has the tokens of the text, the one included within which it ends", async () => {
    const endsOf = ({ tokens }: Decoded) => tokens.map(({ end }) => end);
    const within = await complete({ "f(width);\n": 1 }, ["a = ", ";"]);
    assert.deepEqual([within.text, endsOf(within)], ["f(width)", [1, 2, 7, 9]]);
    const texts = { "width, 1);\n": 1 };
    const word = await complete(texts, ["a = f(", ", 1);"]);
    assert.deepEqual([word.text, endsOf(word)], ["width", [5]]);
  });

  it("decodes on where a token goes beyond the end that is sure enough", async () => {
    // The token ");" has 0.5, and ")" has 0.9 in all.
    const texts = {
      "f(width);\n": 0.5,
      "f(width) + 1;\n": 0.4,
      "width + 1;\n": 0.1,
    };
    const decoded = await complete(texts, ["a = ", " + 1;"], 0.7);
    assert.equal(decoded.text, "f(width)");
    assertConfidence(decoded, 0.9 / (0.9 + 0.1));
  });

  it("tries another start however sure one has to be, and shows it only where it is", async () => {
    // What follows goes with "width" alone, and is taken to go as well with all that was not tried.
    const tried = async (share: number) =>
      complete(
        { "height;\n": 1 - share, "width, 10);\n": share },
        ["clamp(", ", 10);"],
        0.3,
      );
    const likely = await tried(0.32);
    assert.equal(likely.text, "width");
    assertConfidence(likely, 0.32);
    const unlikely = await tried(0.29);
    assert.equal(unlikely.text, "");
    assert.equal(unlikely.steps, likely.steps);
  });

  it("ends with nothing where the first token is not sure enough", async () => {
    const texts = { "width;\n": 0.1, "height;\n": 0.1, x: 0.05 };
    const noise = 0.01;
    const decoded = await complete(texts, ["f(", ")"], 0.95, { noise });
    assert.deepEqual(
      [decoded.text, decoded.stop, decoded.steps],
      ["", "not sure enough", 0],
    );
  });

  it("runs an end of a single token, and none that is far less likely", async () => {
    const single = await complete({ "width\n": 1 }, ["f(", ")"]);
    // "" and "width": the text after the cursor is as unlikely behind both.
    assert.equal(single.steps, 1 + 2);
    const sure = await complete({ "width);\n": 1 }, ["f(", ");"]);
    assert.deepEqual([sure.text, sure.steps], ["width", 2 + 1]);
  });

  describe("of many ends", () => {
    const letters = "abcdefghijklm".split("");
    /** 25 tokens; "," is behind each letter but the last and the one in the middle. */
    const text = `${letters.slice(0, 7).join(",")};${letters.slice(7).join(",")}\n`;
    const texts = { [text]: 1 };
    const decodedTokens = 25;

    it("runs the six likeliest", async () => {
      const { text: chosen } = await complete(texts, ["f(", ";z"]);
      assert.equal(chosen, "a,b,c,d,e,f,g");
      // "z" follows none of the letters, behind which "," is certain.
      const { steps } = await complete(texts, ["f(", ",z"]);
      assert.equal(steps, decodedTokens + 6);
    });

    it("runs as many as are allowed, one at the least, however long they take", async () => {
      const clock = new FakeClock();
      try {
        const runs = async (most: number) => {
          const { steps } = await complete(texts, ["f(", ",z"], 0, {
            midLine: { ...unlimited.midLine, runs: most },
            onPush: () => clock.advance(100),
          });
          return steps - decodedTokens;
        };
        assert.deepEqual(
          [await runs(0), await runs(1), await runs(4), await runs(9)],
          [1, 1, 4, 6],
        );
      } finally {
        clock.restore();
      }
    });

    it("has no more tokens than are allowed", async () => {
      const chosen = async (maxTokens: number, after: string) =>
        (
          await complete(texts, ["f(", after], 0, {
            midLine: { ...unlimited.midLine, maxTokens },
          })
        ).text;
      assert.equal(await chosen(40, ",f"), "a,b,c,d,e");
      assert.equal(await chosen(5, ",d"), "a,b,c");
      assert.ok((await chosen(5, ",f")).length <= 5);
    });

    it("runs as many as the time allows, one at the least", async () => {
      const clock = new FakeClock();
      try {
        const runs = async (choosingMs: number, ms: number) => {
          // One token is run for each end, since what follows the cursor has two.
          const onPush = (pushes: number) => {
            if (pushes > decodedTokens) clock.advance(ms);
          };
          const { steps } = await complete(texts, ["f(", ",z"], 0, {
            midLine: { ...unlimited.midLine, choosingMs: () => choosingMs },
            onPush,
          });
          return steps - decodedTokens;
        };
        assert.equal(await runs(10, 1), 6);
        assert.equal(await runs(10, 2), 5);
        assert.equal(await runs(9, 3), 3);
        assert.equal(await runs(10, 3), 4);
        assert.equal(await runs(1, 50), 1);
      } finally {
        clock.restore();
      }
    });

    it("are several with a slow model, too, though the budget has ended the text", async () => {
      const clock = new FakeClock();
      try {
        const speed = { msPerToken: 6, fastestMsPerToken: 6 };
        const onPush = () => clock.advance(6);
        const { steps } = await complete(texts, ["f(", ",z"], 0, {
          ...timeBudgetOf("auto", speed, performance.now()),
          onPush,
        });
        // Eight tokens are 48 ms, and a quarter of that is left for two ends.
        assert.equal(steps, 8 + 2);
      } finally {
        clock.restore();
      }
    });

    it("are as many as there is time for with a slow model, but one", async () => {
      const runs = async (affordable: number) => {
        const { steps } = await complete(texts, ["f(", ",z"], 0, {
          affords: (wanted) => wanted <= affordable && affordable-- > 0,
        });
        return steps - decodedTokens;
      };
      assert.deepEqual(
        [await runs(0), await runs(1), await runs(2)],
        [1, 2, 3],
      );
    });

    it("reads messages between two of them, and stops when it is told to", async () => {
      const abort = new AbortController();
      const reason = new NoSuggestion("cancelled");
      let ran = 0;
      const onPush = (pushes: number) => {
        if (pushes <= decodedTokens) return;
        ran++;
        setImmediate(() => abort.abort(reason));
      };
      await assert.rejects(
        complete(texts, ["f(", ",z"], 0, { signal: abort.signal, onPush }),
        reason,
      );
      assert.equal(ran, 1);
    });
  });

  it("begins behind what was healed", async () => {
    const texts = { "re(width);\n": 1 };
    const { text, tokens } = await complete(texts, ["a = re", ";"], 0, {
      healed: "re",
    });
    assert.equal(text, "(width)");
    assert.deepEqual(
      tokens.map(({ end }) => end),
      [1, 6, 8],
    );
  });

  it("inserts nothing where it would break the line", async () => {
    const texts = { ");\n": 1 };
    const { text } = await complete(texts, ["clamp(", ", 10);"]);
    assert.equal(text, "");
  });
});
