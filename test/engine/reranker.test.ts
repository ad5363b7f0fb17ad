import assert from "node:assert/strict";
import fc from "fast-check";
import type { Recalled } from "../../src/engine/neighbourGate";
import { Reranker, type Opinions } from "../../src/engine/reranker";
import { CopyIndex } from "../../src/copying/copyIndex";
import { weightsOf, type CaseWeights } from "../support/weightsOf";
import { trainerCases } from "../support/trainerCases";

interface Case {
  name: string;
  weights: CaseWeights;
  mixture: number[];
  network: number[];
  share: number;
  recalled: number[];
  counts: number[];
  before: number[];
  /** Token, length, count, and 1 where it is from other files alone. */
  copies: [number, number, number, number][];
  /** Token, order, confidence bucket. */
  ngrams: [number, number, number][];
  probabilities: number[];
}

const cases = trainerCases<Case[]>("reranker");
/** Special tokens come before it; FIRST_PLAIN of the trainer. */
const firstText = 8;

function opinionsOf(each: Case): Opinions {
  const before = new CopyIndex(firstText);
  before.update(each.before);
  const recalled: Recalled = {
    share: each.share,
    probabilities: Float32Array.from(each.recalled),
    counts: Int32Array.from(each.counts),
  };
  return {
    network: Float32Array.from(each.network),
    recalled: each.share > 0 ? recalled : undefined,
    copies: each.copies.map(([token, length, count, elsewhere]) => ({
      token,
      length,
      count,
      isElsewhere: elsewhere === 1,
    })),
    ngrams: each.ngrams.map(([token, order, confidenceBucket]) => ({
      token,
      order,
      confidenceBucket,
    })),
    before,
  };
}

/** Weights of one hidden unit, all 0 but what is given. */
function smallWeights(given: Record<string, number[]> = {}): CaseWeights {
  const tensor = (name: string, dims: number[]) => ({
    dims,
    values:
      given[name] ?? new Array<number>(dims.reduce((a, b) => a * b)).fill(0),
  });
  return {
    "reranker.token": tensor("token", [1, 10]),
    "reranker.position": tensor("position", [1, 5]),
    "reranker.output": tensor("output", [1]),
    "reranker.scale": tensor("scale", [1]),
    "reranker.rest": tensor("rest", [5]),
  };
}

const nothingKnown = (network: Float32Array): Opinions => ({
  network,
  recalled: undefined,
  copies: [],
  ngrams: [],
  before: { length: 1, latest: () => -1 },
});

describe("reranker", () => {
  for (const each of cases)
    it(`expects what the trainer's does: ${each.name}`, () => {
      const reranker = new Reranker(weightsOf(each.weights), firstText);
      const mixture = Float32Array.from(each.mixture);
      const reranked = reranker.rerank(mixture, opinionsOf(each));
      assert.deepEqual(mixture, Float32Array.from(each.mixture));
      each.probabilities.forEach((expected, token) =>
        assert.ok(
          Math.abs(reranked[token]! - expected) < 1e-5,
          `token ${token}: ${reranked[token]} instead of ${expected}`,
        ),
      );
    });

  it("favours what occurred just before, as computed by hand", () => {
    const weights = smallWeights({
      // Distances are a third of their logarithms: none counts 3, the last token 0.
      token: [0, 0, 0, -1, 0, 0, 0, 0, 0, 0],
      position: [3, 0, 0, 0, 0],
      output: [2],
      scale: [1],
    });
    const mixture = Float32Array.of(0.5, 0.5);
    const reranked = new Reranker(weightsOf(weights), 0).rerank(mixture, {
      ...nothingKnown(mixture),
      before: { length: 5, latest: (token) => (token === 1 ? 4 : -1) },
    });
    // silu(0) = 0 for the one, silu(3) = 3 / (1 + e^−3) for the other.
    const odds = Math.exp((2 * 3) / (1 + Math.exp(-3)));
    assert.ok(Math.abs(reranked[1]! - odds / (1 + odds)) < 1e-6);
  });

  it("moves what all tokens but the likeliest get, and not what each has of it", () => {
    const weights = smallWeights({
      scale: [1],
      rest: [Math.log(3), 0, 0, 0, 0],
    });
    const mixture = new Float32Array(26).fill(1 / 32).fill(1 / 8, 24);
    mixture[24] = 5 / 32;
    mixture[25] = 3 / 32;
    const reranked = new Reranker(weightsOf(weights), 8).rerank(
      mixture,
      nothingKnown(mixture),
    );
    // Two of the tokens with 1/32 are not among the 24; equals come in the order of their ids.
    const total = 1 + (2 * 2) / 32;
    reranked.forEach((p, token) => {
      const factor = token === 22 || token === 23 ? 3 : 1;
      const expected = (factor * mixture[token]!) / total;
      assert.ok(Math.abs(p - expected) < 1e-6, `token ${token}`);
    });
  });

  it("gives probabilities, whatever is known and learned", () => {
    const number = fc.oneof(
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.constantFrom(-80, 80, 0),
    );
    const values = (length: number) =>
      fc.array(number, { minLength: length, maxLength: length });
    const weights = fc.record({
      token: values(10),
      position: values(5),
      output: values(1),
      scale: values(1),
      rest: values(5),
    });
    const logs = fc.array(fc.double({ min: -120, max: 0, noNaN: true }), {
      minLength: 1,
      maxLength: 60,
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const before = fc.array(fc.nat(59), { maxLength: 30 });
    fc.assert(
      fc.property(
        weights,
        logs,
        share,
        before,
        (given, logs, share, tokens) => {
          const reranker = new Reranker(
            weightsOf(smallWeights(given)),
            firstText,
          );
          const sum = logs.reduce((sum, log) => sum + Math.exp(log), 0);
          const mixture = Float32Array.from(logs, (log) => Math.exp(log) / sum);
          const index = new CopyIndex(firstText);
          index.update(tokens);
          const token = (i: number) => (tokens[i] ?? 0) % mixture.length;
          const reranked = reranker.rerank(mixture, {
            network: mixture,
            recalled: {
              share,
              probabilities: mixture,
              counts: Int32Array.from(mixture, (_, i) => i * i),
            },
            copies: [
              { token: token(0), length: 32, count: 64, isElsewhere: true },
            ],
            ngrams: [{ token: token(1), order: 3, confidenceBucket: 31 }],
            before: index,
          });
          const total = reranked.reduce((total, p) => total + p, 0);
          assert.ok(reranked.every((p) => p >= 0));
          assert.ok(Math.abs(total - 1) < 1e-5, `they add up to ${total}`);
        },
      ),
    );
  });

  it("refuses weights of another shape, and numbers of which no probability can be computed", () => {
    const refused = (
      name: string,
      change: Partial<CaseWeights[string]> | undefined,
      message: RegExp,
    ) => {
      const { [name]: tensor, ...others } = smallWeights();
      const weights = change
        ? { ...others, [name]: { ...tensor!, ...change } }
        : others;
      assert.throws(() => new Reranker(weightsOf(weights), firstText), message);
    };
    for (const name of Object.keys(smallWeights())) {
      refused(name, undefined, new RegExp(name));
      const { values } = smallWeights()[name]!;
      refused(
        name,
        { values: [...values, 0] },
        new RegExp(`${name} has \\d+ values`),
      );
      for (const value of [NaN, Infinity, 81])
        refused(
          name,
          { values: [value, ...values.slice(1)] },
          new RegExp(`${name} has a value that is too large or no number`),
        );
    }
    for (const rows of [0, 257, 1e9])
      refused("reranker.token", { dims: [rows, 10] }, /has \d+ rows/);
  });
});
