import assert from "node:assert/strict";
import fc from "fast-check";
import {
  greedy,
  sample,
  seededRandom,
  softmax,
} from "../../src/engine/sampling";

describe("sampling", () => {
  const probabilities = Float32Array.of(0.1, 0.5, 0.15, 0.25);

  it("softmax sums to one and survives logits of any size", () => {
    const result = softmax(Float32Array.of(-1e30, 1000, 1001, 1e-30));
    assert.ok(Math.abs(result.reduce((a, b) => a + b) - 1) < 1e-6);
    assert.ok(Math.abs(result[2]! / result[1]! - Math.E) < 1e-5);
    assert.equal(result[0], 0);
  });

  it("greedy takes the most probable token, the lowest of equals", () => {
    assert.equal(greedy(probabilities), 1);
    assert.equal(greedy(Float32Array.of(0.5, 0.5)), 0);
    assert.equal(greedy(Float32Array.of(0, 0)), -1);
  });

  it("temperature 0 is greedy", () => {
    const random = () => 0.99;
    assert.equal(sample(probabilities, { temperature: 0, topP: 1, random }), 1);
  });

  it("the same seed gives the same choices, another seed others", () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 50 }, () =>
        sample(probabilities, { temperature: 1, topP: 1, random }),
      );
    };
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });

  it("draws as often as the distribution says, and cold draws sharpen it", () => {
    const random = seededRandom(1);
    const count = (temperature: number) => {
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 20_000; i++) {
        counts[sample(probabilities, { temperature, topP: 1, random })]!++;
      }
      return counts.map((n) => n / 20_000);
    };
    count(1).forEach((share, i) =>
      assert.ok(Math.abs(share - probabilities[i]!) < 0.02),
    );
    // At temperature 0.5 probabilities are squared: 0.25 of 0.345.
    assert.ok(Math.abs(count(0.5)[1]! - 0.25 / 0.345) < 0.02);
  });

  it("top-p keeps the fewest tokens that reach it", () => {
    const random = seededRandom(2);
    const seen = new Set<number>();
    for (let i = 0; i < 2000; i++)
      seen.add(sample(probabilities, { temperature: 1, topP: 0.7, random }));
    assert.deepEqual([...seen].sort(), [1, 3]);
  });

  it("never takes a token that is not allowed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: 0, max: 1, noNaN: true }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.integer(),
        fc.float({ min: 0, max: 2, noNaN: true }),
        fc.float({ min: 0, max: 1, noNaN: true }),
        (weights, seed, temperature, topP) => {
          const options = { temperature, topP, random: seededRandom(seed) };
          const allowed = weights.map((weight, id) => (id % 2) * weight);
          const token = sample(Float32Array.from(allowed), options);
          if (token === -1) assert.ok(allowed.every((weight) => weight === 0));
          else assert.ok(allowed[token]! > 0);
        },
      ),
    );
  });
});
