import assert from "node:assert/strict";
import { Gate } from "../../src/engine/gate";
import { softmax } from "../../src/engine/sampling";
import { tableGate } from "../../src/engine/tableGate";
import { NgramTable } from "../../src/engine/ngramTable";
import { weightsOf, type CaseWeights } from "../support/weightsOf";
import { trainerCases } from "../support/trainerCases";

const cases = trainerCases<{
  table: string;
  tokens: number[];
  candidates: [number, number, number][][];
  gate: {
    weights: CaseWeights;
    hidden: number[];
    logits: number[];
    copies: [number, number, number, number][];
    ngrams: [number, number, number][];
    probabilities: number[];
  };
}>("ngram");

describe("n-gram table", () => {
  const file = Buffer.from(cases.table, "hex");

  it("offers what the trainer's look-up offers", () => {
    const table = new NgramTable(file);
    cases.tokens.forEach((_, position) => {
      const tokens = cases.tokens.slice(0, position + 1);
      assert.deepEqual(
        table.candidates(tokens.slice(-table.reach)),
        cases.candidates[position]!.map(([token, order, confidenceBucket]) => ({
          token,
          order,
          confidenceBucket,
        })),
        `behind position ${position}`,
      );
    });
  });

  it("refuses a file that is none, or not all of it", () => {
    assert.throws(() => new NgramTable(Buffer.alloc(0)), /does not begin/);
    assert.throws(() => new NgramTable(Buffer.alloc(100)), /does not begin/);
    assert.throws(() => new NgramTable(file.subarray(0, -1)), /claims/);
    const greedy = Buffer.from(file);
    greedy.writeUInt32LE(0xffffffff, 8);
    assert.throws(() => new NgramTable(greedy), /claims/);
  });
});

describe("gate", () => {
  const { weights, hidden, logits, copies, ngrams, probabilities } = cases.gate;
  const asWeights = (without = "-") =>
    weightsOf(
      Object.fromEntries(
        Object.entries(weights).filter(([name]) => !name.startsWith(without)),
      ),
    );
  const mixed = (gate: Gate, withNgrams: boolean) =>
    gate.mix(
      softmax(Float32Array.from(logits)),
      Float32Array.from(hidden),
      copies.map(([token, length, count, elsewhere]) => ({
        token,
        length,
        count,
        isElsewhere: elsewhere === 1,
      })),
      withNgrams
        ? ngrams.map(([token, order, confidenceBucket]) => ({
            token,
            order,
            confidenceBucket,
          }))
        : [],
    );

  it("mixes as the trainer does", () => {
    const result = mixed(new Gate(asWeights(), hidden.length), true);
    probabilities.forEach((expected, token) => {
      const difference = Math.abs(result[token]! - expected);
      assert.ok(difference < 1e-5, `token ${token} differs by ${difference}`);
    });
  });

  it("without an n-gram part ignores the table, and is a distribution", () => {
    const gate = new Gate(asWeights("ngram."), hidden.length);
    const result = mixed(gate, true);
    assert.deepEqual(result, mixed(gate, false));
    assert.ok(Math.abs(result.reduce((a, b) => a + b) - 1) < 1e-5);
    assert.ok(Math.abs(result[15]! - probabilities[15]!) > 1e-4);
  });

  it("takes a copy from another file for one of the file where it has seen none", () => {
    const gate = new Gate(asWeights("gate.elsewhere"), hidden.length);
    const own = copies.map(([token, length, count]) => ({
      token,
      length,
      count,
      isElsewhere: false,
    }));
    const network = softmax(Float32Array.from(logits));
    assert.deepEqual(
      mixed(gate, false),
      gate.mix(network, Float32Array.from(hidden), own, []),
    );
  });

  it("refuses weights of another width", () => {
    assert.throws(
      () => new Gate(asWeights(), 7),
      /gate\.weight has the shape \[12,6\] instead of \[12,7\]/,
    );
  });

  it("judges copies by a table where a network has no gate", () => {
    const gate = tableGate();
    assert.equal(gate.copies, 8);
    const network = Float32Array.of(0.7, 0.2, 0.1);
    const share = (length: number, count: number, isElsewhere = false) =>
      gate.mix(
        network,
        new Float32Array(0),
        [{ token: 2, length, count, isElsewhere }],
        [],
      )[2]!;
    assert.deepEqual(
      [...gate.mix(network, new Float32Array(0), [], [])],
      [...network],
    );
    for (let length = 2; length < 9; length++)
      assert.ok(share(length, 1) > share(length - 1, 1), `length ${length}`);
    assert.ok(share(4, 5) > share(4, 1));
    assert.notEqual(share(4, 1, true), share(4, 1));
    // A match of one token says little, one of thirty nearly all.
    assert.ok(share(1, 1) < 0.3 && share(30, 1) > 0.9);
  });
});
