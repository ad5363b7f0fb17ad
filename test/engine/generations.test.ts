import assert from "node:assert/strict";
import { generations, type Generation } from "../../src/engine/build";
import type { State } from "../../src/engine/model";
import {
  generator,
  randomCheckpoint,
  type MemoryWeights,
  type Sizes,
} from "./randomCheckpoint";
import { largestDifference, runInChunks, withModel } from "./harness";
import { reference, type Epsilons } from "./reference";

const tolerance = 1e-4;

describe("generations of RWKV", function () {
  this.timeout(120_000);

  for (const generation of generations) {
    describe(`RWKV-${generation}`, () => {
      it("computes what the paper's recurrence does", () =>
        agreesWithReference(generation, randomCheckpoint(generation, 1)));

      it("reads 512 tokens in one run, in chunks or one by one to the same end", async () => {
        const weights = randomCheckpoint(generation, 2);
        const tokens = randomTokens(512, weights);
        await withModel(generation, weights, async (model) => {
          const whole = await runInChunks(model, tokens, [512]);
          const serial = await runInChunks(
            model,
            tokens,
            tokens.map(() => 1),
          );
          const lengths = [...randomLengths(512)];
          const chunks = await runInChunks(model, tokens, lengths);
          for (const [name, other] of Object.entries({ serial, chunks })) {
            assert.equal(other.logits.length, 512);
            const difference = worst(whole.logits, other.logits);
            assert.ok(
              difference < tolerance,
              `${name} [${name === "chunks" ? lengths.join() : 1}]: logits differ by ${difference}`,
            );
            sameState(whole.state, other.state, name);
          }
        });
      });

      it("takes heads of 8 and of 64 channels", async () => {
        for (const headSize of [8, 64]) {
          const sizes = { headSize, width: 2 * headSize, layers: 2 };
          const weights = randomCheckpoint(generation, 3, sizes);
          await agreesWithReference(generation, weights);
        }
      });

      it("takes an embedding that is normalised already, and a tied head", async () => {
        const weights = randomCheckpoint(generation, 4);
        weights.delete("blocks.0.ln0.weight");
        weights.delete("blocks.0.ln0.bias");
        weights.delete("head.weight");
        await agreesWithReference(generation, weights);
      });

      it("takes other ε of its norms", async () => {
        const weights = randomCheckpoint(generation, 4);
        const epsilons = { layer: 1e-2, out: 3e-2, head: 5e-2 };
        await agreesWithReference(generation, weights, 12, epsilons);
      });

      it("takes large and small vocabularies", async () => {
        for (const vocabulary of [2, 65_536]) {
          const sizes: Partial<Sizes> = { vocabulary, layers: 1, width: 16 };
          if (generation === "7a" && vocabulary > 2) sizes.rank = 2;
          const weights = randomCheckpoint(generation, 5, sizes);
          await agreesWithReference(generation, weights, 6);
        }
      });

      it("keeps states apart: a step leaves the one it was given as it was", async () => {
        const weights = randomCheckpoint(generation, 6);
        await withModel(generation, weights, async (model) => {
          const { state } = await model.step([1, 2, 3], model.emptyState);
          const copy = structuredClone(state.tensors);
          const first = await model.step([4, 5], state);
          const second = await model.step([4, 5], state);
          assert.deepEqual(state.tensors, copy);
          assert.deepEqual(first.logits, second.logits);
        });
      });

      it("computes no logits when none are read", async () => {
        const weights = randomCheckpoint(generation, 7);
        await withModel(generation, weights, async (model) => {
          const silent = await model.step([1, 2, 3], model.emptyState, []);
          assert.equal(silent.logits.length, 0);
          assert.equal(silent.hidden.length, 0);
          const loud = await model.step([1, 2, 3], model.emptyState, [0, 2]);
          assert.equal(loud.logits.length, 2 * 256);
          assert.deepEqual(loud.state.tensors, silent.state.tensors);
          assert.equal(
            (await model.advance([1, 2, 3], model.emptyState)).bytes,
            loud.state.bytes,
          );
        });
      });
    });
  }

  it("quantises every generation without changing what it says much", async () => {
    for (const generation of generations) {
      const weights = randomCheckpoint(generation, 8);
      const tokens = randomTokens(32, weights);
      const exact = reference(generation, weights);
      const expected = tokens.map((token) => exact.step(token));
      for (const [quantisation, bound] of [
        ["int8", 0.15],
        ["int4", 1.5],
      ] as const) {
        await withModel(
          generation,
          weights,
          async (model) => {
            const { logits } = await runInChunks(model, tokens, [20, 12]);
            const error = rootMeanSquare(logits, expected);
            assert.ok(
              error < bound,
              `RWKV-${generation} ${quantisation}: off by ${error}`,
            );
          },
          { quantisation },
        );
      }
    }
  });
});

describe("RWKV-4", function () {
  this.timeout(60_000);

  it("survives keys of ±80", async () => {
    const weights = randomCheckpoint("4", 9);
    for (let layer = 0; layer < 3; layer++) {
      // Keys of about ±80, and decays that let a key of +80 be forgotten before the next one comes.
      weights.update(`blocks.${layer}.att.key.weight`, (x) => 60 * x);
      weights.update(`blocks.${layer}.att.time_decay`, (x, i) =>
        i % 2 ? x : 1.5 + x / 2,
      );
    }
    await agreesWithReference("4", weights, 200);
  });

  it("begins with a key of −200, before which there is nothing", async () => {
    const weights = randomCheckpoint("4", 10);
    for (let layer = 0; layer < 3; layer++)
      weights.update(
        `blocks.${layer}.att.key.weight`,
        (x) => -200 * Math.abs(x),
      );
    await agreesWithReference("4", weights, 20);
  });
});

describe("RWKV-5 and 6", function () {
  this.timeout(60_000);

  it("take decays that underflow to 0 or round to 1", async () => {
    for (const generation of ["5.0", "5.1", "5.2", "6"] as const) {
      const weights = randomCheckpoint(generation, 11);
      for (let layer = 0; layer < 3; layer++)
        weights.update(`blocks.${layer}.att.time_decay`, (_, i) =>
          i % 2 ? 5 : -20,
        );
      await agreesWithReference(generation, weights, 100);
    }
  });

  it("take the norm's ε of rwkv.cpp", async () => {
    for (const generation of ["5.2", "6"] as const) {
      const weights = randomCheckpoint(generation, 12);
      await agreesWithReference(generation, weights, 40, { head: 1e-5 });
    }
  });
});

describe("RWKV-7", function () {
  this.timeout(120_000);

  it("holds over 4,096 tokens in one run", async () => {
    const weights = randomCheckpoint("7", 13, { layers: 2, width: 32 });
    await agreesWithReference("7", weights, 4096);
  });

  it("holds with decays and in-context rates at their extremes", async () => {
    for (const [w, a] of [
      [-40, 40], // never forgets, always replaces
      [40, 40],
      [-40, -60], // never forgets, never replaces
      [40, -200],
      [0, -20],
    ] as const) {
      const weights = randomCheckpoint("7", 14, { layers: 2, headSize: 64 });
      for (let layer = 0; layer < 2; layer++) {
        weights.update(`blocks.${layer}.att.w0`, (x) => w + x);
        weights.update(`blocks.${layer}.att.a0`, (x) => a + x);
      }
      await agreesWithReference("7", weights, 300);
    }
  });

  it("holds where decays and rates are extreme in turn", async () => {
    const weights = randomCheckpoint("7", 15);
    for (let layer = 0; layer < 3; layer++) {
      weights.update(`blocks.${layer}.att.w0`, (_, i) => (i % 2 ? 30 : -30));
      weights.update(`blocks.${layer}.att.a0`, (_, i) => (i % 3 ? 50 : -50));
      weights.update(`blocks.${layer}.att.a2`, (x) => 100 * x);
      weights.update(`blocks.${layer}.att.w2`, (x) => 100 * x);
    }
    await agreesWithReference("7", weights, 400);
  });

  it("ignores v0, v1 and v2 of the first layer", async () => {
    const weights = randomCheckpoint("7", 16);
    const unused: [string, number[]][] = [
      ["v0", [1, 1, 64]],
      ["v1", [64, 8]],
      ["v2", [8, 64]],
    ];
    for (const [name, dims] of unused) {
      const size = dims.reduce((a, b) => a * b, 1);
      weights.set(`blocks.0.att.${name}`, dims, new Float32Array(size).fill(9));
    }
    await agreesWithReference("7", weights);
  });

  it("removes nothing where the removal key is zero", async () => {
    const weights = randomCheckpoint("7", 17);
    weights.update("blocks.1.att.k_k", (x, i) => (i < 16 ? 0 : x));
    await agreesWithReference("7", weights);
  });
});

/** Whole, in pieces and one by one, the graph's logits are the reference's. */
async function agreesWithReference(
  generation: Generation,
  weights: MemoryWeights,
  length = 48,
  epsilons: Partial<Epsilons> = {},
): Promise<void> {
  const tokens = randomTokens(length, weights);
  const exact = reference(generation, weights, epsilons);
  const expected = tokens.map((token) => exact.step(token));
  await withModel(
    generation,
    weights,
    async (model) => {
      for (const lengths of [[length], [1, 2, length - 3]]) {
        const { logits } = await runInChunks(model, tokens, lengths);
        const difference = worst(logits, expected);
        assert.ok(
          difference < tolerance,
          `runs of ${lengths.join()}: logits differ by ${difference}`,
        );
      }
    },
    {
      normEpsilon: epsilons.layer,
      outNormEpsilon: epsilons.out,
      headNormEpsilon: epsilons.head,
    },
  );
}

function randomTokens(length: number, weights: MemoryWeights): number[] {
  const vocabulary = weights.dims("emb.weight")[0]!;
  const random = generator(length);
  return Array.from({ length }, () => Math.floor(random() * vocabulary));
}

function* randomLengths(total: number): Generator<number> {
  const random = generator(total);
  for (let left = total; left > 0;) {
    const length = Math.min(left, 1 + Math.floor(random() * 40));
    yield length;
    left -= length;
  }
}

function worst(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
): number {
  assert.equal(a.length, b.length);
  return Math.max(...a.map((row, i) => largestDifference(row, b[i]!)));
}

/** Tensors of the state agree, measured against their largest value where that is above 1. */
function sameState(a: State, b: State, name: string): void {
  for (const [part, tensor] of Object.entries(a.tensors)) {
    const largest = tensor.reduce((max, x) => Math.max(max, Math.abs(x)), 1);
    const difference = largestDifference(tensor, b.tensors[part]!) / largest;
    assert.ok(
      difference < tolerance,
      `${name}: ${part} differs by ${difference}`,
    );
  }
}

function rootMeanSquare(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
): number {
  let sum = 0;
  let count = 0;
  a.forEach((row, i) => {
    for (let j = 0; j < row.length; j++) sum += (row[j]! - b[i]![j]!) ** 2;
    count += row.length;
  });
  return Math.sqrt(sum / count);
}
