import assert from "node:assert/strict";
import { join } from "node:path";
import { comparedTokens } from "../../bench/eval/comparedTokens";
import { SteadyModel, type Prediction } from "../../bench/eval/steadyModel";
import { OnnxModel } from "../../src/engine/onnxModel";
import { makeTinyModel, type TinyModel } from "../support/tinyModel";

const tokens = Array.from({ length: 150 }, (_, i) => 8 + ((i * 37) % 250));

describe("steady model", () => {
  let tiny: TinyModel;
  let model: OnnxModel;
  let steady: SteadyModel;
  before(async () => {
    tiny = await makeTinyModel();
    model = await OnnxModel.load(
      join(tiny.folder, "model.onnx"),
      8 + 256 + 3,
      1,
    );
  });
  beforeEach(() => {
    steady = new SteadyModel(model);
  });
  after(async () => {
    await model.dispose();
    tiny.remove();
  });

  it("tells what the model expects behind each token of a text", async () => {
    const seen: [number, Float32Array, Float32Array][] = [];
    await steady.readThrough(
      tokens,
      [100],
      (position, { probabilities, hidden }) =>
        seen.push([position, probabilities.slice(), hidden.slice()]),
    );
    assert.deepEqual(
      seen.map(([position]) => position),
      tokens.map((_, i) => i + 1),
    );
    let { emptyState: state } = model;
    for (const [i, token] of tokens.entries()) {
      const step = await model.step([token], state);
      const [, probabilities, hidden] = seen[i]!;
      assert.ok(farthest(step.probabilities, probabilities) < 1e-4);
      assert.ok(farthest(step.hidden, hidden) < 1e-4);
      ({ state } = step);
    }
  });

  it("remembers states where it is asked to, until it forgets", async () => {
    const { emptyState } = steady;
    await steady.readThrough(tokens, [40, 100], () => undefined);
    const at40 = await steady.advance(tokens.slice(0, 40), emptyState);
    const at100 = await steady.advance(tokens.slice(40, 100), at40);
    assert.equal(await steady.advance(tokens.slice(0, 100), emptyState), at100);
    const { state } = await model.step(tokens.slice(0, 100), emptyState);
    for (const [name, tensor] of Object.entries(state.tensors))
      assert.ok(farthest(tensor, at100.tensors[name]!) < 1e-4, name);
    steady.forget();
    const again = await steady.advance(tokens.slice(0, 100), emptyState);
    assert.notEqual(again, at100);
  });

  it("takes the same step once", async () => {
    const first = await steady.step([20], steady.emptyState);
    assert.equal(await steady.step([20], steady.emptyState), first);
    assert.notEqual(await steady.step([21], steady.emptyState), first);
    const next = await steady.step([30], first.state);
    assert.equal(await steady.step([30], first.state), next);
    assert.notEqual(next, first);
  });
});

describe("steady model with vectors", () => {
  let tiny: TinyModel;
  let model: OnnxModel;
  let steady: SteadyModel;
  /** Of all tokens, in one run. */
  let vectors: Uint8Array;
  let columns: number;
  before(async () => {
    tiny = await makeTinyModel();
    model = await OnnxModel.load(join(tiny.folder, "model.onnx"), 267, 1);
    columns = model.vectorWidth!;
    vectors = (await model.step(tokens, model.emptyState)).vectors!;
  });
  beforeEach(() => {
    steady = new SteadyModel(model);
  });
  after(async () => {
    await model.dispose();
    tiny.remove();
  });
  const between = (start: number, end: number) =>
    vectors.subarray(start * columns, end * columns);

  it("makes those of one run, in any runs, remembered ones included", async () => {
    const { emptyState } = steady;
    const ends = [30, 100, 102, 150];
    for (const isRead of [false, true]) {
      if (isRead) await steady.readThrough(tokens, [30, 102], () => undefined);
      let state = emptyState;
      let start = 0;
      for (const end of ends) {
        const run = tokens.slice(start, end);
        const step = await steady.step(run, state, []);
        assert.deepEqual([...step.vectors!], [...between(start, end)]);
        ({ state } = step);
        start = end;
      }
    }
    const known = await steady.step(tokens.slice(0, 102), emptyState, []);
    const again = await steady.step(tokens.slice(0, 102), emptyState, []);
    assert.equal(again.state, known.state);
  });

  it("compares what stands before, in the same run or not, and other texts", async () => {
    const others = between(20, 50).slice();
    const seen: Prediction[] = [];
    await steady.readThrough(
      tokens,
      [10, 130],
      (_, prediction) => seen.push(prediction),
      others,
    );
    for (const position of [1, 2, 9, 64, 65, 66, 140, 149, 150]) {
      const { start, end } = comparedTokens(position);
      const { similarities } = await model.step(
        tokens.slice(0, position),
        model.emptyState,
        undefined,
        Buffer.concat([between(start, end), others]),
      );
      const { own, others: besides } = seen[position - 1]!.similarities!;
      assert.equal(own.length, end - start);
      assert.ok(
        farthest(similarities!, Float32Array.of(...own, ...besides)) < 1e-6,
      );
    }
  });

  it("takes a step for each of the vectors to compare with", async () => {
    const { emptyState } = steady;
    const step = (neighbours: Uint8Array) =>
      steady.step([20], emptyState, undefined, neighbours);
    const first = await step(between(0, 2));
    assert.equal(await step(between(0, 2).slice()), first);
    const second = await step(between(1, 3));
    assert.notDeepEqual(second.similarities, first.similarities);
    assert.equal(second.similarities!.length, 2);
  });
});

function farthest(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}
