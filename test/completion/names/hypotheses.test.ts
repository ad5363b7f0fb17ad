import assert from "node:assert/strict";
import {
  firstTokens,
  namedHypothesis,
  ownHypothesis,
  type Hypothesis,
} from "../../../src/completion/names/hypotheses";
import { expecting, writtenUpTo } from "../../support/expecting";
import { endOfText, FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["to", "tal", "tally", "(x"]);
const bytes = (text: string) => Buffer.from(text);
const textOf = ({ rest }: Hypothesis) => Buffer.from(rest).toString();
const idOf = (text: string) =>
  Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).find(
    (id) => Buffer.from(tokenizer.bytesOf(id)).toString() === text,
  )!;
/** As near as the millionths of all other tokens allow. */
function assertProbability(hypothesis: Hypothesis, expected: number) {
  const { logProbability } = hypothesis;
  assert.ok(
    Math.abs(logProbability - Math.log(expected)) < 2e-3,
    `${Math.exp(logProbability)} is not ${expected}`,
  );
}

describe("the network's own end of a word", () => {
  it("begins with what is typed and ends where no word goes on", async () => {
    const text = expecting(tokenizer, { "total = 1;": 0.8, "other()": 0.2 });
    const own = await ownHypothesis(text, tokenizer, bytes("to"));
    assert.equal(textOf(own!), "tal");
    assert.equal(writtenUpTo(own!.mark), "total");
    assertProbability(own!, 0.8);
    // It is only tried.
    assert.equal(text.written, "");
  });

  it("is as likely as its tokens and a word's end behind them", async () => {
    const text = expecting(tokenizer, {
      "tot = 1": 0.3,
      totem: 0.1,
      "tox()": 0.5,
      "x()": 0.1,
    });
    const own = await ownHypothesis(text, tokenizer, bytes("tot"));
    assert.equal(textOf(own!), "");
    // "to" of all four; "t" against "x" of the three with "to"; " " against "e".
    assertProbability(own!, 0.9 * (0.4 / 0.9) * (0.3 / 0.4));
  });

  it("may add nothing, where something else comes next", async () => {
    const text = expecting(tokenizer, { "to(x)": 1 });
    const own = await ownHypothesis(text, tokenizer, bytes("to"));
    assert.equal(textOf(own!), "");
    assert.equal(writtenUpTo(own!.mark), "to");
    assertProbability(own!, 1);
  });

  it("may end the text", async () => {
    const text = expecting(tokenizer, { total: 1 });
    const own = await ownHypothesis(text, tokenizer, bytes("to"));
    assert.equal(textOf(own!), "tal");
  });

  it("is none where the last token goes on behind the word", async () => {
    // What is typed is "(", which the network writes with a letter of the next word.
    const text = expecting(tokenizer, { "(x": 1 });
    const own = await ownHypothesis(text, tokenizer, bytes("("));
    assert.equal(textOf(own!), "x");
    const within = new FakeTokenizer(["to("]);
    const beyond = expecting(within, { "to(": 0.01 });
    // Only `to(` and `t` begin with what is typed, or are the beginning of it.
    const none = {
      ...beyond,
      next: () => {
        const next = new Float32Array(within.vocabularySize);
        next[257] = 0.01;
        return next;
      },
    };
    assert.equal(await ownHypothesis(none, within, bytes("to")), undefined);
  });

  it("has twelve tokens at the most", async () => {
    const text = expecting(tokenizer, { ["x".repeat(40)]: 1 });
    const own = await ownHypothesis(text, tokenizer, bytes("x"));
    assert.equal(textOf(own!), "x".repeat(11));
    assert.equal(text.pushes.length, 12);
    const long = expecting(tokenizer, { ["x".repeat(40)]: 1 });
    const prefix = bytes("x".repeat(13));
    assert.equal(await ownHypothesis(long, tokenizer, prefix), undefined);
    assert.equal(long.written, "");
    const just = expecting(tokenizer, { [`${"x".repeat(12)}(`]: 1 });
    const whole = bytes("x".repeat(12));
    assert.equal(textOf((await ownHypothesis(just, tokenizer, whole))!), "");
  });

  it("is as unlikely as what is typed seems, though nothing else may come", async () => {
    const text = expecting(tokenizer, { "other()": 1 });
    const own = await ownHypothesis(text, tokenizer, bytes("total"));
    assert.ok(own!.logProbability < Math.log(1e-5));
    const never = {
      ...text,
      next: () => new Float32Array(tokenizer.vocabularySize),
    };
    const { logProbability } = (await ownHypothesis(
      never,
      tokenizer,
      bytes("("),
    ))!;
    // 1e-30 stands for nought, whose logarithm no sum could hold.
    assert.ok(Math.abs(logProbability - Math.log(1e-30)) < 1e-6);
  });
});

describe("a given end of a word", () => {
  it("has the probability of its tokens and of the word's end", async () => {
    const text = expecting(tokenizer, {
      "tally()": 0.6,
      "total = 1": 0.3,
      totals: 0.1,
    });
    const named = await namedHypothesis(
      text,
      tokenizer,
      bytes("to"),
      bytes("tal"),
    );
    assert.equal(textOf(named), "tal");
    assert.equal(writtenUpTo(named.mark), "total");
    assert.equal(text.written, "");
    // "to" against "tally"; "tal" is all that follows; then " " against "s".
    assertProbability(named, 0.4 * (0.3 / 0.4));
    // Each run may read the tokens that follow.
    assert.deepEqual(text.pushes, [
      [idOf("to"), [idOf("tal")]],
      [idOf("tal"), []],
    ]);
  });

  it("is next to impossible where a word surely goes on", async () => {
    // A model may have fewer rows than the tokenizer has tokens.
    const surely = (probability: number) => ({
      ...expecting(tokenizer, {}),
      next: () => {
        const next = new Float32Array(endOfText);
        next[idOf("x")] = probability;
        return next;
      },
    });
    const end = async (probability: number) =>
      (
        await namedHypothesis(
          surely(probability),
          tokenizer,
          bytes("x"),
          bytes(""),
        )
      ).logProbability;
    assert.ok(Math.abs((await end(1)) - Math.log(1e-6)) < 1e-6);
    assert.ok(Math.abs((await end(0.75)) - Math.log(0.75 * 0.25)) < 1e-6);
    assert.ok(Math.abs((await end(0)) - Math.log(1e-30)) < 1e-6);
  });
});

describe("first tokens of given ends", () => {
  it("have the probabilities that are known already", () => {
    const text = expecting(tokenizer, {
      "tally()": 0.6,
      "total = 1": 0.3,
      "x()": 0.1,
    });
    const first = (prefix: string, rests: readonly string[]) =>
      firstTokens(text, tokenizer, bytes(prefix), rests).map(
        (value) => Math.round(Math.exp(value) * 100) / 100,
      );
    assert.deepEqual(first("t", ["ally", "otal", "ame"]), [0.6, 0.3, 0]);
    assert.deepEqual(first("", ["total", "x"]), [0.3, 0.1]);
    assert.deepEqual(text.pushes, []);
  });

  it("are next to impossible where there is none, or the network has no such row", () => {
    const [none] = firstTokens(
      expecting(tokenizer, { x: 1 }),
      tokenizer,
      bytes(""),
      [""],
    );
    assert.equal(none, Math.log(1e-30));
    const short = {
      ...expecting(tokenizer, {}),
      next: () => new Float32Array(endOfText),
    };
    const [beyond] = firstTokens(short, tokenizer, bytes(""), ["to"]);
    assert.equal(beyond, Math.log(1e-30));
  });
});
