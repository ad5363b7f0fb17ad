import { toFloat16Bytes } from "./float16";
import type { GraphBuilder } from "./graph";
import { quantisedMatMul, type Quantisation } from "./quantise";
import type { Weights } from "./weights";

/** Sizes of a network; the width is heads × head size. RWKV-4 has one channel a head. */
export interface Shape {
  layers: number;
  width: number;
  heads: number;
  headSize: number;
  vocabulary: number;
}

/**
 * The sizes of a network with `heads` heads.
 *
 * @throws Error if a tensor is missing or the sizes do not fit together
 */
export function shapeWithHeads(weights: Weights, heads: number): Shape {
  const [vocabulary = 0, width = 0] = weights.dims("emb.weight");
  let layers = 0;
  while (weights.has(`blocks.${layers}.ln1.weight`)) layers++;
  const headSize = width / heads;
  if (!Number.isInteger(headSize) || headSize < 1)
    throw new Error(`a width of ${width} is not divisible by ${heads} heads`);
  return { layers, width, heads, headSize, vocabulary };
}

/** What an operator applies to each element it has computed. */
export type Activation = "Tanh" | "Sigmoid";

/**
 * Parts of a graph that the generations of RWKV share. T tokens, D width, H heads,
 * N = D / H head size, V vocabulary; activations are [1, T, D] unless a comment says otherwise.
 */
export class Layers {
  private readonly stateDims = new Map<string, readonly number[]>();
  /** The last inputs of all token shifts, [1, 1, D] each, before this run and after it. */
  private readonly pastShifts: readonly string[];
  private readonly newShifts: string[] = [];

  private readonly quantisation: Quantisation;
  private readonly normEpsilon: number;

  /** @param blocks how many of the network's blocks the graph has */
  constructor(
    readonly graph: GraphBuilder,
    readonly weights: Weights,
    readonly shape: Shape,
    options: { quantisation: Quantisation; normEpsilon?: number | undefined },
    blocks: number,
  ) {
    this.quantisation = options.quantisation;
    this.normEpsilon = options.normEpsilon ?? 1e-5;
    // One tensor for all of them: every input and output of a run costs time, whatever its size.
    this.pastShifts =
      blocks === 0
        ? []
        : this.split(
            graph.input("shift", "float32", [2 * blocks, 1, shape.width]),
            2 * blocks,
            0,
          );
  }

  add(a: string, b: string): string {
    return this.graph.node("Add", [a, b]);
  }

  sub(a: string, b: string): string {
    return this.graph.node("Sub", [a, b]);
  }

  mul(a: string, b: string): string {
    return this.graph.node("Mul", [a, b]);
  }

  /** An elementwise function such as Sigmoid, Tanh, Exp. */
  map(op: string, x: string): string {
    return this.graph.node(op, [x]);
  }

  /** A part of the state of a layer as the last run left it; all zeros before the first token. */
  past(name: string, layer: number, dims: readonly number[]): string {
    this.stateDims.set(`${name}.${layer}`, dims);
    return this.graph.input(`${name}.${layer}`, "float32", dims);
  }

  /** Sets the new value of a part of the state that `past` has declared. */
  next(name: string, layer: number, value: string): void {
    const dims = this.stateDims.get(`${name}.${layer}`);
    if (dims === undefined) throw new Error(`no state ${name}.${layer}`);
    this.graph.output(`new.${name}.${layer}`, value, "float32", dims);
  }

  /**
   * x = ln0(emb[token]). The norm is applied to the table in advance; in a checkpoint without ln0 it
   * already was.
   */
  embedding(tokens: string): string {
    const table = this.weights.float32("emb.weight");
    if (this.weights.has("blocks.0.ln0.weight")) {
      const weight = this.weights.float32("blocks.0.ln0.weight");
      const bias = this.weights.float32("blocks.0.ln0.bias");
      const { width } = this.shape;
      for (let row = 0; row < table.length; row += width)
        normaliseRow(
          table.subarray(row, row + width),
          weight,
          bias,
          this.normEpsilon,
        );
    }
    const rows = this.rows(
      "emb",
      this.weights.dims("emb.weight"),
      table,
      tokens,
    );
    return this.graph.node("Unsqueeze", [rows, this.graph.ints(0)]);
  }

  /** The checkpoint's rows for the tokens, [T, columns]. */
  table(name: string, tokens: string): string {
    const { weights } = this;
    return this.rows(name, weights.dims(name), weights.float32(name), tokens);
  }

  /** Rows of a table, which a quantised model keeps in half precision. */
  private rows(
    name: string,
    dims: readonly number[],
    table: Float32Array,
    tokens: string,
  ): string {
    const { graph } = this;
    if (this.quantisation === "none")
      return graph.node("Gather", [graph.floats(name, dims, table), tokens]);
    const half = graph.weight(name, "float16", dims, toFloat16Bytes(table));
    return graph.node("Cast", [graph.node("Gather", [half, tokens])], {
      to: 1,
    });
  }

  /** Layer norm over the channels, scaled and shifted. */
  norm(name: string, x: string, epsilon = this.normEpsilon): string {
    return this.graph.node(
      "LayerNormalization",
      [x, this.vector(`${name}.weight`), this.vector(`${name}.bias`)],
      { axis: -1, epsilon: { float: epsilon } },
    );
  }

  /** Group norm with one group a head, scaled and shifted per channel; [1, T, H, N] to the same. */
  headNorm(name: string, x: string, epsilon: number): string {
    const { heads, headSize } = this.shape;
    const parameters = ["weight", "bias"].map((which) =>
      this.graph.floats(
        `${name}.${which}`,
        [heads, headSize],
        this.weights.float32(`${name}.${which}`),
      ),
    );
    return this.graph.node("LayerNormalization", [x, ...parameters], {
      axis: -1,
      epsilon: { float: epsilon },
    });
  }

  /**
   * Token shift: for every x the one before it, and the last one for the next run.
   *
   * @param last x before the first token of this run, [1, 1, D]
   */
  shift(x: string, last: string): { previous: string; last: string } {
    const { graph } = this;
    const all = graph.node("Concat", [last, x], { axis: 1 });
    return {
      previous: this.slice(all, 0, -1),
      last: this.slice(x, -1, 2 ** 31),
    };
  }

  /** The difference to the token before, x_{t−1} − x_t. */
  shiftDifference(x: string): string {
    const { graph } = this;
    const taps = graph.floats(
      graph.unique("difference"),
      [1, 1, 2],
      Float32Array.of(1, -1),
    );
    const dims = graph.ints(this.shape.width, 1, 2);
    return this.twoTaps(x, graph.node("Expand", [taps, dims]));
  }

  /** x ∘ (1 − m) + x_{t−1} ∘ m for a checkpoint's vector m. */
  shiftMixture(x: string, vector: string): string {
    const { graph } = this;
    const m = graph.floats(
      vector,
      [this.shape.width, 1, 1],
      this.weights.float32(vector),
    );
    const rest = this.sub(graph.scalar(1), m);
    return this.twoTaps(x, graph.node("Concat", [m, rest], { axis: 2 }));
  }

  /**
   * Each channel's x_{t−1} times its first tap plus x_t times its second; the last x of the
   * run is kept in the state.
   *
   * @param taps constants, [D, 1, 2]; the runtime computes them when it loads the model
   */
  private twoTaps(x: string, taps: string): string {
    const past = this.pastShifts[this.newShifts.length]!;
    const [y, last] = this.graph.nodeWithOutputs(
      2,
      "CausalConvWithState",
      [x, taps, "", past],
      { channels_last: 1 },
      "com.microsoft",
    ) as [string, string];
    this.newShifts.push(last);
    return y;
  }

  /** Makes the last inputs of all token shifts an output, [2 · blocks, 1, D]; to be called last. */
  finishShifts(): void {
    const shifts = this.graph.node("Concat", this.newShifts, { axis: 0 });
    const dims = [this.newShifts.length, 1, this.shape.width];
    this.graph.output("new.shift", shifts, "float32", dims);
  }

  /** x + delta ∘ m for each vector m. */
  lerp(
    x: string,
    delta: string,
    vectors: readonly { name: string; values: Float32Array }[],
  ): string[] {
    const mixtures = this.mixtures(x, delta, vectors);
    return vectors.length === 1
      ? [mixtures]
      : this.split(mixtures, vectors.length, 0);
  }

  /** Like `lerp`, but rows: [T, D] each, as `gemm` takes them. */
  lerpRows(
    x: string,
    delta: string,
    vectors: readonly { name: string; values: Float32Array }[],
  ): string[] {
    const mixtures = this.mixtures(x, delta, vectors);
    return this.split(this.rowsOf(mixtures), vectors.length, 0);
  }

  /** x + delta ∘ m for each vector m, [vectors, T, D]. */
  private mixtures(
    x: string,
    delta: string,
    vectors: readonly { name: string; values: Float32Array }[],
  ): string {
    return this.add(x, this.mul(delta, this.stack(vectors)));
  }

  /** Constant vectors as one tensor, [vectors, 1, D]. */
  stack(vectors: readonly { name: string; values: Float32Array }[]): string {
    const { width } = this.shape;
    const stacked = new Float32Array(vectors.length * width);
    vectors.forEach(({ values }, row) => stacked.set(values, row * width));
    const name = vectors.map(({ name }) => name).join("+");
    return this.graph.floats(name, [vectors.length, 1, width], stacked);
  }

  /** A checkpoint's vectors for `lerp`, changed by `change` if given. */
  vectors(
    prefix: string,
    suffixes: string,
    change?: (m: number) => number,
  ): { name: string; values: Float32Array }[] {
    return [...suffixes].map((suffix) => {
      const name = prefix + suffix;
      const values = this.weights.float32(name);
      return { name, values: change ? values.map(change) : values };
    });
  }

  /** y = scale · x Wᵀ for the checkpoint's matrix W, [outputs, inputs]. */
  linear(
    name: string,
    x: string,
    scale = 1,
    quantisation = this.quantisation,
  ): string {
    const [rows, columns] = this.weights.dims(name) as [number, number];
    const weights = this.weights.float32(name);
    if (scale !== 1) weights.forEach((w, i) => (weights[i] = w * scale));
    return quantisedMatMul(
      this.graph,
      x,
      name,
      rows,
      columns,
      weights,
      quantisation,
    );
  }

  /** The head reads the hidden state; without one of its own it is the embedding's table. */
  head(hidden: string): string {
    const tied = !this.weights.has("head.weight");
    return this.linear(tied ? "emb.weight" : "head.weight", hidden);
  }

  /** y = x W for the checkpoint's small matrix W, [inputs, outputs]. */
  project(name: string, x: string): string {
    const matrix = this.graph.floats(
      name,
      this.weights.dims(name),
      this.weights.float32(name),
    );
    return this.graph.node("MatMul", [x, matrix]);
  }

  /**
   * activation(x W + offset) in one operator, for the checkpoint's small matrix W, [inputs, outputs],
   * and its vector, [outputs].
   *
   * @param x rows, [T, inputs]
   */
  gemm(
    x: string,
    name: string,
    {
      activation,
      offset,
    }: { activation?: Activation | undefined; offset?: string | undefined },
  ): string {
    const { graph, weights } = this;
    const matrix = graph.floats(
      name,
      weights.dims(name),
      weights.float32(name),
    );
    const inputs = [x, matrix];
    if (offset !== undefined) inputs.push(this.vector(offset));
    return activation === undefined
      ? graph.node("Gemm", inputs)
      : graph.node("FusedGemm", inputs, { activation }, "com.microsoft");
  }

  /** A vector of the checkpoint, changed by `change` if given, [D]. */
  vector(name: string, change?: (x: number) => number): string {
    const values = this.weights.float32(name);
    const length = this.weights.dims(name).reduce((a, b) => a * b, 1);
    return change === undefined
      ? this.graph.floats(name, [length], values)
      : this.graph.floats(
          this.graph.unique(name),
          [length],
          values.map(change),
        );
  }

  /**
   * The channel mix of RWKV-4, 5 and 6: σ(xr Rᵀ) ∘ (relu(xk Kᵀ)² Vᵀ), xk and xr being x mixed with the
   * token before it.
   *
   * @param mixes the start of the mixtures' names; `change` turns them into shares of the previous token
   */
  gatedChannelMix(
    ffn: string,
    x: string,
    mixes: string,
    change?: (x: number) => number,
  ): string {
    const delta = this.shiftDifference(x);
    const vectors = this.vectors(`${ffn}.${mixes}`, "kr", change);
    const [xk, xr] = this.lerp(x, delta, vectors) as [string, string];
    const r = this.map("Sigmoid", this.linear(`${ffn}.receptance.weight`, xr));
    const k = this.squaredRelu(this.linear(`${ffn}.key.weight`, xk));
    return this.mul(r, this.linear(`${ffn}.value.weight`, k));
  }

  /** max(x, 0)². */
  squaredRelu(x: string): string {
    const positive = this.map("Relu", x);
    return this.mul(positive, positive);
  }

  /** x · σ(x). */
  silu(x: string): string {
    const alpha = { float: 1 };
    return this.graph.node("QuickGelu", [x], { alpha }, "com.microsoft");
  }

  /**
   * (a · b) v per head, where a · b is summed over the head's channels: the part of a token's output that
   * does not come from the state.
   *
   * @returns [1, T, H, N]
   */
  bonus(a: string, b: string, v: string): string {
    const products = this.perHead(this.mul(a, b));
    const sums = this.graph.node("ReduceSum", [products, this.graph.ints(-1)], {
      keepdims: 1,
    }); // [1, T, H, 1]
    return this.mul(sums, this.perHead(v));
  }

  /**
   * The recurrence of RWKV-5 and 6, S_t = diag(w_t) S_{t−1} + k_t v_tᵀ, read before it is written:
   * y_t = S_{t−1}ᵀ r_t. (A token's own part of its output is `bonus`.)
   *
   * The operator reads after writing, so each token gets the key, value and decay of the one before
   * it. The state holds the input of the next run's first token: wkv_row [1, 1, …], the last token's
   * row, which is not written into S yet, and wkv [1, H, N, N], keys by values.
   *
   * @param logDecay log w, [1, T, D]; a constant row for every token, or data
   * @returns [1, T, H, N]
   */
  readBeforeWrite(
    layer: number,
    r: string,
    k: string,
    v: string,
    logDecay: { constant: string } | { data: string },
  ): string {
    const { graph } = this;
    const { heads, headSize, width } = this.shape;
    const parts = "data" in logDecay ? [k, v, logDecay.data] : [k, v];
    const columns = parts.length * width;
    const rows = graph.node("Concat", parts, { axis: 2 });
    const pastRow = this.past("wkv_row", layer, [1, 1, columns]);
    const { previous, last } = this.shift(rows, pastRow);
    this.next("wkv_row", layer, last);
    const [key, value, data] = this.split(previous, parts.length, 2);
    const decay = "data" in logDecay ? data! : logDecay.constant;

    const state = this.past("wkv", layer, [1, heads, headSize, headSize]);
    const [y, newState] = graph.nodeWithOutputs(
      2,
      "LinearAttention",
      [r, key!, value!, state, decay],
      {
        q_num_heads: heads,
        kv_num_heads: heads,
        update_rule: "gated",
        scale: { float: 1 },
      },
      "com.microsoft",
    ) as [string, string];
    this.next("wkv", layer, newState);
    return this.perHead(y);
  }

  /** Positions from … to − 1 along the token axis. */
  slice(x: string, from: number, to: number): string {
    const { graph } = this;
    return graph.node("Slice", [
      x,
      graph.ints(from),
      graph.ints(to),
      graph.ints(1),
    ]);
  }

  split(x: string, parts: number, axis: number): string[] {
    return this.graph.nodeWithOutputs(parts, "Split", [x], {
      axis,
      num_outputs: parts,
    });
  }

  reshape(x: string, ...dims: number[]): string {
    return this.graph.node("Reshape", [x, this.graph.ints(...dims)]);
  }

  /** [1, T, D] to [1, T, H, N]. */
  perHead(x: string): string {
    return this.reshape(x, 1, -1, this.shape.heads, this.shape.headSize);
  }

  /** [1, T, D] to [T, D]. */
  rowsOf(x: string): string {
    return this.reshape(x, -1, this.shape.width);
  }

  /** [1, T, H, N] to [1, T, D]. */
  merged(x: string): string {
    return this.reshape(x, 1, -1, this.shape.width);
  }

  /** A constant row repeated for every token, [1, T, columns]. */
  rowPerToken(row: string, columns: number, tokens: string): string {
    const { graph } = this;
    const dims = graph.node(
      "Concat",
      [graph.ints(1), graph.node("Shape", [tokens]), graph.ints(columns)],
      { axis: 0 },
    );
    return graph.node("Expand", [row, dims]);
  }
}

/** Layer norm of one row, in place. */
function normaliseRow(
  row: Float32Array,
  weight: Float32Array,
  bias: Float32Array,
  epsilon: number,
): void {
  let mean = 0;
  for (const x of row) mean += x / row.length;
  let variance = 0;
  for (const x of row) variance += (x - mean) ** 2 / row.length;
  const scale = 1 / Math.sqrt(variance + epsilon);
  for (let i = 0; i < row.length; i++)
    row[i] = (row[i]! - mean) * scale * weight[i]! + bias[i]!;
}
