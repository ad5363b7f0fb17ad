import assert from "node:assert/strict";
import {
  givenTokens,
  lineOf,
  logProbabilityBehind,
  logProbabilityOf,
} from "../../../src/completion/midLine/line";
import { Trail, type Step } from "../../../src/completion/midLine/trail";
import type { DecodeOptions } from "../../../src/completion/decode";
import { encode } from "../../../src/tokenizer/tokenizer";
import { expecting } from "../../support/expecting";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["re", "turn"]);
const idOf = (text: string) => encode(tokenizer, Buffer.from(text))[0]!;
/** A step at which some texts have a share of what is allowed. */
function step(shares: Readonly<Record<string, number>>): Step {
  const probabilities = new Float32Array(tokenizer.vocabularySize);
  for (const [text, share] of Object.entries(shares))
    probabilities[idOf(text)] = share;
  return { mark: expecting(tokenizer, {}).mark(), probabilities };
}
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual}, ${expected}`);
const { log } = Math;

describe("a step", () => {
  it("has a token's probability among those that are allowed", () => {
    const half = step({ a: 0.1, b: 0.3 });
    near(logProbabilityOf(half, idOf("a")), log(0.25));
    near(logProbabilityOf(half, idOf("b")), log(0.75));
    assert.equal(logProbabilityOf(half, idOf("c")), log(1e-30));
    // The first token of the vocabulary counts like the others.
    near(logProbabilityOf(step({ "\0": 0.3, a: 0.1 }), idOf("a")), log(0.25));
  });
});

describe("a decoded line", () => {
  const steps = [
    step({ re: 0.5, x: 0.5 }),
    step({ turn: 0.5, "(": 0.5 }),
    step({ "(": 0.2, ";": 0.8 }),
    step({ ";": 1 }),
  ];
  const trailOf = (...texts: string[]) =>
    new Trail(expecting(tokenizer, {}), { steps, tokens: texts.map(idOf) });
  const made = (
    trail: Trail,
    text: string,
    ofText: readonly (readonly [text: string, end: number])[],
    given: Pick<DecodeOptions, "skippedBytes" | "start">,
  ) =>
    lineOf(
      tokenizer,
      trail,
      text,
      ofText.map(([token, end]) => ({
        id: token === "" ? -1 : idOf(token),
        logProbability: 0,
        end,
      })),
      given,
    );

  it("has the tokens that only repeat what stands there before those of its text", () => {
    const tokens = [
      ["turn", 4],
      ["(", 5],
    ] as const;
    const line = made(trailOf("re", "turn", "("), "turn(", tokens, {
      skippedBytes: 2,
    });
    assert.deepEqual(line.ids, [idOf("re"), idOf("turn"), idOf("(")]);
    assert.equal(line.healedTokens, 1);
    assert.equal(line.text, "turn(");
    // From the healedTokens on: "re" is there already, however unlikely.
    assert.equal(line.path.length, 4);
    [log(2), 0, log(0.5), log(0.1)].forEach((p, i) => near(line.path[i]!, p));
  });

  it("counts a token that repeats and goes on as one of its text", () => {
    const line = made(trailOf("re", "turn"), "urn", [["turn", 3]], {
      skippedBytes: 3,
    });
    assert.equal(line.healedTokens, 1);
    assert.deepEqual(line.ids, [idOf("re"), idOf("turn")]);
    const all = made(trailOf("re"), "", [], { skippedBytes: 2 });
    assert.deepEqual([all.healedTokens, all.ids], [1, [idOf("re")]]);
  });

  it("has what was decided before as its start, not as a token", () => {
    const start = { text: "name", logProbability: log(0.5) };
    const line = made(
      trailOf("re", "turn"),
      "namereturn",
      [
        ["", 4],
        ["re", 6],
        ["turn", 10],
      ],
      { skippedBytes: 0, start },
    );
    assert.equal(line.given, start);
    assert.deepEqual(line.ids, [idOf("re"), idOf("turn")]);
    assert.equal(line.healedTokens, 0);
    [log(0.5), log(0.25), log(0.125)].forEach((p, i) => near(line.path[i]!, p));
    assert.deepEqual(givenTokens(start), [
      { id: -1, logProbability: log(0.5), end: 4 },
    ]);
    assert.deepEqual(givenTokens({ text: "", logProbability: -1 }), []);
  });
});

describe("the probability of tokens after a step", () => {
  const behind = async (tokens: string) => {
    const continuation = expecting(tokenizer, {
      "x return;": 0.6,
      "x rest": 0.4,
    });
    await continuation.push(idOf("x"));
    const at = {
      mark: continuation.mark(),
      probabilities: continuation.next(),
    };
    await continuation.push(idOf("y"));
    const sum = await logProbabilityBehind(
      continuation,
      at,
      encode(tokenizer, Buffer.from(tokens)),
    );
    // It is left where it was.
    assert.equal(continuation.written, "xy");
    return { sum, pushes: continuation.pushes.slice(2) };
  };

  it("is the product of theirs, and the last one is not run", async () => {
    const { sum, pushes } = await behind(" return");
    // " " and "re" are certain; "turn" against "s".
    assert.ok(Math.abs(sum - log(0.6)) < 2e-3);
    assert.deepEqual(pushes, [
      [idOf(" "), [idOf("re")]],
      [idOf("re"), []],
    ]);
  });

  it("of one token is known without a run", async () => {
    const { sum, pushes } = await behind(" ");
    assert.ok(Math.abs(sum) < 2e-3);
    assert.deepEqual(pushes, []);
  });

  it("is next to nought where the network knows no such token", async () => {
    const continuation = {
      ...expecting(tokenizer, {}),
      next: () => new Float32Array(tokenizer.vocabularySize),
    };
    const sum = await logProbabilityBehind(continuation, step({ a: 1 }), [
      idOf("a"),
      idOf("b"),
    ]);
    near(sum, log(1e-30));
  });
});
