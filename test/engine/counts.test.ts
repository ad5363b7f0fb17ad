import assert from "node:assert/strict";
import { buildGraph } from "../../src/engine/build";
import { withModel } from "./harness";
import { countGraph, type GraphCounts } from "./graphCounts";
import { randomCheckpoint } from "./randomCheckpoint";

/*
 * Counts that stand for speed: with one token a run, what an operator computes takes less time than
 * starting it. Whoever makes one of them larger, measures (`npm run bench:engine`).
 */
describe("counts of the graph", function () {
  this.timeout(20_000);

  it("has few operators a block and besides the blocks, at the bundled shape", () => {
    const two = bundledShape(2).operators;
    const three = bundledShape(3).operators;
    const block = Object.entries(three)
      .map(([op, count]) => [op, count - (two[op] ?? 0)] as const)
      .filter(([, count]) => count !== 0);
    assert.deepEqual(Object.fromEntries(block), {
      Add: 7,
      CausalConvWithState: 2,
      Concat: 4,
      Div: 1,
      Exp: 1,
      FusedGemm: 5,
      Gather: 1,
      Gemm: 3,
      LayerNormalization: 3,
      LinearAttention: 1,
      Log: 1,
      LpNormalization: 1,
      MatMulNBits: 6,
      Max: 1,
      Mul: 12,
      ReduceSum: 1,
      Relu: 1,
      Reshape: 11,
      Split: 1,
      Sub: 2,
    });
    const inBlock = block.reduce((sum, [, count]) => sum + count, 0);
    const inAll = Object.values(two).reduce((sum, count) => sum + count, 0);
    assert.equal(inBlock, 65);
    assert.equal(inAll - 2 * inBlock, 13);
  });

  it("has one tensor for all token shifts, and one a block for the matrices", () => {
    const { inputs, outputs } = bundledShape(2);
    assert.deepEqual(inputs.sort(), [
      "read",
      "shift",
      "tokens",
      "wkv.0",
      "wkv.1",
    ]);
    assert.deepEqual(outputs.sort(), [
      "hidden",
      "logits",
      "new.shift",
      "new.wkv.0",
      "new.wkv.1",
      "probabilities",
    ]);
  });

  it("hands on 4 · (2 D + D N) bytes a block and token", async () => {
    const sizes = { layers: 2, width: 192, headSize: 64 };
    const weights = randomCheckpoint("7", 1, sizes);
    await withModel("7", weights, async ({ emptyState }) => {
      assert.equal(emptyState.bytes, 2 * 4 * (2 * 192 + 192 * 64));
      return Promise.resolve();
    });
  });
});

/** RWKV-7 as wide as the bundled model. */
function bundledShape(layers: number): GraphCounts {
  const weights = randomCheckpoint("7", 1, {
    layers,
    width: 192,
    headSize: 64,
    hidden: 768,
    rank: 32,
  });
  const graph = buildGraph("7", weights, {
    quantisation: "int8",
    weightsFile: "weights.bin",
    write: () => {},
  });
  return countGraph(graph);
}
