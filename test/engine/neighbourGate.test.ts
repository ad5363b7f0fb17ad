import assert from "node:assert/strict";
import { mixRecalled, NeighbourGate } from "../../src/engine/neighbourGate";
import { weightsOf, type CaseWeights } from "../support/weightsOf";
import { trainerCases } from "../support/trainerCases";

interface Case {
  name: string;
  weights: CaseWeights;
  /** Signed, times 127. */
  keys: number[][];
  following: number[];
  elsewhere: number[];
  query: number[];
  hidden: number[];
  network: number[];
  share: number;
  probabilities: number[];
}

const cases = trainerCases<Case[]>("neighbour");
/** Special tokens come before it; FIRST_PLAIN of the trainer. */
const firstText = 8;

describe("gate of the neighbours", () => {
  for (const each of cases)
    it(`expects what the trainer's does: ${each.name}`, () => {
      const { weights, keys, following, elsewhere, query, hidden } = each;
      // The text's own ones come first here.
      const order = [...keys.keys()].sort(
        (a, b) => elsewhere[a]! - elsewhere[b]!,
      );
      const [sharpness = 0] = weights["neighbours.sharpness"]!.values;
      const similarities = order.map((i) => {
        const product = keys[i]!.reduce((sum, k, j) => sum + k * query[j]!, 0);
        return Math.exp(sharpness * (product / 127 ** 2 - 1));
      });
      const gate = new NeighbourGate(
        weightsOf(weights),
        hidden.length,
        firstText,
      );
      const recalled = gate.recall(
        Float32Array.from(hidden),
        Float32Array.from(similarities),
        {
          next: Int32Array.from(order, (i) => following[i]!),
          own: elsewhere.filter((is) => is === 0).length,
        },
        Float32Array.from(each.network),
      );
      const network = Float32Array.from(each.network);
      const mixed = recalled ? mixRecalled(network, recalled) : network;
      assert.ok(Math.abs((recalled?.share ?? 0) - each.share) < 1e-5);
      each.probabilities.forEach((expected, token) =>
        assert.ok(
          Math.abs(mixed[token]! - expected) < 1e-5,
          `token ${token}: ${mixed[token]} instead of ${expected}`,
        ),
      );
    });

  it("refuses weights of another shape", () => {
    const { weights, hidden } = cases[0]!;
    assert.throws(
      () => new NeighbourGate(weightsOf(weights), hidden.length + 1, firstText),
      /share_weight has 8 values instead of 9/,
    );
    const { "neighbours.share": _, ...without } = weights;
    assert.throws(
      () => new NeighbourGate(weightsOf(without), hidden.length, firstText),
      /neighbours\.share/,
    );
  });

  it("refuses numbers of which no probability can be computed", () => {
    const { weights, hidden } = cases[0]!;
    const withValue = (name: string, value: number) => {
      const tensor = weights[`neighbours.${name}`]!;
      const values = [value, ...tensor.values.slice(1)];
      return weightsOf({
        ...weights,
        [`neighbours.${name}`]: { ...tensor, values },
      });
    };
    for (const [name, value] of [
      ["sharpness", 0],
      ["sharpness", -1],
      ["sharpness", NaN],
      ["sharpness", 1e9],
      ["elsewhere", 1000],
      ["share", NaN],
      ["share_weight", Infinity],
    ] as const)
      assert.throws(
        () =>
          new NeighbourGate(withValue(name, value), hidden.length, firstText),
        new RegExp(`neighbours\\.${name}`),
        `${name} ${value}`,
      );
  });
});
