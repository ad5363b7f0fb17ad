import assert from "node:assert/strict";
import { vectorWeight } from "../../src/engine/vectors";
import { generator, randomCheckpoint } from "./randomCheckpoint";
import { withModel } from "./harness";

const width = 8;
const sharpness = 5;
const tokens = Array.from({ length: 40 }, (_, i) => (i * i) % 13);

function checkpoint() {
  const weights = randomCheckpoint("7", 1);
  const [, columns = 0] = weights.dims("emb.weight");
  const random = generator(2);
  const values = Float32Array.from({ length: width * columns }, () => random());
  weights.set(vectorWeight, [width, columns], values);
  weights.set("neighbours.sharpness", [1], Float32Array.of(sharpness));
  return { weights, values };
}

describe("vectors of tokens", () => {
  it("are the hidden states, made shorter, of the length 1, in bytes", async () => {
    const { weights, values } = checkpoint();
    await withModel("7", weights, async (model) => {
      assert.equal(model.vectorWidth, width);
      const every = [...tokens.keys()];
      const step = await model.step(tokens, model.emptyState, every);
      const columns = step.hidden.length / tokens.length;
      assert.equal(step.vectors!.length, tokens.length * width);
      for (const position of every) {
        const hidden = step.hidden.subarray(position * columns);
        const made = Array.from({ length: width }, (_, i) =>
          values
            .subarray(i * columns, (i + 1) * columns)
            .reduce((sum, weight, j) => sum + weight * hidden[j]!, 0),
        );
        const length = Math.hypot(...made);
        made.forEach((x, i) => {
          const byte = step.vectors![position * width + i]!;
          const difference = Math.abs(byte - 128 - (127 * x) / length);
          assert.ok(difference < 0.51, `${position}, ${i}: ${difference}`);
        });
      }
    });
  });

  it("are compared with given ones at the positions that are read", async () => {
    const { weights } = checkpoint();
    await withModel("7", weights, async (model) => {
      const all = await model.step(tokens, model.emptyState, []);
      const vectors = all.vectors!;
      const given = vectors.slice(0, 25 * width);
      const read = [3, 39];
      const step = await model.step(tokens, model.emptyState, read, given);
      const part = (position: number) =>
        [...vectors.subarray(position * width, (position + 1) * width)].map(
          (byte) => (byte - 128) / 127,
        );
      assert.equal(step.similarities!.length, 2 * 25);
      read.forEach((position, row) => {
        for (let i = 0; i < 25; i++) {
          const cosine = part(position).reduce(
            (sum, x, j) => sum + x * part(i)[j]!,
            0,
          );
          const found = step.similarities![row * 25 + i]!;
          const expected = Math.exp(sharpness * (cosine - 1));
          assert.ok(Math.abs(found / expected - 1) < 1e-5, `${position}, ${i}`);
        }
      });
      // With none the step is the same.
      const alone = await model.step(tokens, model.emptyState, read);
      assert.deepEqual(alone.logits, step.logits);
      assert.equal(alone.similarities!.length, 0);
    });
  });

  it("are not made by a network without the matrix", async () => {
    await withModel("7", randomCheckpoint("7", 1), async (model) => {
      assert.equal(model.vectorWidth, undefined);
      const step = await model.step(tokens, model.emptyState);
      assert.deepEqual(
        [step.vectors, step.similarities],
        [undefined, undefined],
      );
    });
  });

  it("have at most 256 numbers, of all channels", async () => {
    for (const [rows, channels] of [
      [257, undefined],
      [0, undefined],
      [8, 3],
    ] as const) {
      const weights = randomCheckpoint("7", 1);
      const [, width = 0] = weights.dims("emb.weight");
      const dims = [rows, channels ?? width];
      const values = new Float32Array(dims[0]! * dims[1]!);
      weights.set(vectorWeight, dims, values);
      await assert.rejects(
        withModel("7", weights, () => Promise.resolve()),
        /neighbours\.weight has the shape/,
      );
    }
  });
});
