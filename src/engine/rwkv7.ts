import { GraphBuilder, type WriteWeights } from "./graph";
import { toFloat16Bytes } from "./float16";
import { quantisedMatMul, type Quantisation } from "./quantise";
import type { Weights } from "./weights";

/**
 * RWKV-7 "Goose" (arXiv 2503.14456; official reference `rwkv_v7_demo.py` in BlinkDL/RWKV-LM),
 * as one ONNX graph that serves any number of tokens: prefill and decode alike.
 *
 * Shapes: T tokens of this run, D width, H heads, N = D / H head size, V vocabulary. Activations
 * are [1, T, D]. The state of layer i is
 *   time_shift.i, channel_shift.i [1, 1, D]  the last inputs of time mix and channel mix,
 *   wkv.i [1, H, N, N]                       the matrix-valued state, in the basis of `wkv` below,
 *   log_basis.i [1, 1, D]                    the logarithm of that basis for the last token.
 */
export interface Shape {
  layers: number;
  width: number;
  heads: number;
  headSize: number;
  vocabulary: number;
}

/** The shape of an RWKV-7 model, read from its tensors. @throws Error if a tensor is missing. */
export function shapeOf(weights: Weights): Shape {
  const [vocabulary, width] = weights.dims("emb.weight") as [number, number];
  const [heads, headSize] = weights.dims("blocks.0.att.r_k") as [
    number,
    number,
  ];
  let layers = 0;
  while (weights.has(`blocks.${layers}.ln1.weight`)) layers++;
  return { layers, width, heads, headSize, vocabulary };
}

/**
 * Builds the graph. Inputs: `tokens` int64 [T], `read` int64 [P] (the positions whose logits are
 * wanted, 0 … T − 1) and the state; outputs: `logits` [P, V], `hidden` [P, D] (what the head
 * reads) and `new.` + each state tensor.
 *
 * @returns the serialised model; its weights go to `write`.
 */
export function buildRwkv7(
  weights: Weights,
  quantisation: Quantisation,
  weightsFile: string,
  write: WriteWeights,
): Uint8Array {
  const shape = shapeOf(weights);
  const { layers, width, heads, headSize, vocabulary } = shape;
  const graph = new GraphBuilder(weightsFile, write);
  const g = new Rwkv7Graph(graph, weights, shape, quantisation);

  const tokens = graph.input("tokens", "int64", ["T"]);
  const read = graph.input("read", "int64", ["P"]);
  let x = g.embedding(tokens);
  const ones = g.onesPerRow(tokens);
  let firstValue: string | undefined;
  for (let layer = 0; layer < layers; layer++) {
    const state = (name: string, dims: number[]) =>
      graph.input(`${name}.${layer}`, "float32", dims);
    const timeShift = state("time_shift", [1, 1, width]);
    const channelShift = state("channel_shift", [1, 1, width]);
    const wkv = state("wkv", [1, heads, headSize, headSize]);
    const logBasis = state("log_basis", [1, 1, width]);

    const time = g.timeMix(
      layer,
      x,
      timeShift,
      wkv,
      logBasis,
      ones,
      firstValue,
    );
    firstValue ??= time.value;
    x = graph.node("Add", [x, time.y]);
    const channel = g.channelMix(layer, x, channelShift);
    x = graph.node("Add", [x, channel.y]);

    graph.output(`new.time_shift.${layer}`, time.shift, "float32", [
      1,
      1,
      width,
    ]);
    graph.output(`new.channel_shift.${layer}`, channel.shift, "float32", [
      1,
      1,
      width,
    ]);
    graph.output(`new.wkv.${layer}`, time.wkv, "float32", [
      1,
      heads,
      headSize,
      headSize,
    ]);
    graph.output(`new.log_basis.${layer}`, time.logBasis, "float32", [
      1,
      1,
      width,
    ]);
  }
  // The head is the largest matrix: it reads only the positions that are asked for.
  x = graph.node("Gather", [x, read], { axis: 1 });
  const hidden = g.layerNorm("ln_out", x);
  const logits = g.matMul("head.weight", hidden);
  graph.output(
    "hidden",
    graph.node("Squeeze", [hidden, graph.ints(0)]),
    "float32",
    ["P", width],
  );
  graph.output(
    "logits",
    graph.node("Squeeze", [logits, graph.ints(0)]),
    "float32",
    ["P", vocabulary],
  );
  return graph.finish();
}

class Rwkv7Graph {
  constructor(
    private readonly graph: GraphBuilder,
    private readonly weights: Weights,
    private readonly shape: Shape,
    private readonly quantisation: Quantisation,
  ) {}

  /**
   * x = ln0(emb[token]), [1, T, D]. The norm is folded into the table, which a quantised model keeps
   * in half precision.
   */
  embedding(tokens: string): string {
    const { vocabulary, width } = this.shape;
    const table = this.weights.float32("emb.weight");
    const weight = this.weights.float32("blocks.0.ln0.weight");
    const bias = this.weights.float32("blocks.0.ln0.bias");
    for (let row = 0; row < table.length; row += width) {
      normaliseRow(table.subarray(row, row + width), weight, bias);
    }
    const { graph } = this;
    let rows: string;
    if (this.quantisation === "none") {
      rows = graph.node("Gather", [
        graph.floats("emb", [vocabulary, width], table),
        tokens,
      ]);
    } else {
      const half = graph.weight(
        "emb",
        "float16",
        [vocabulary, width],
        toFloat16Bytes(table),
      );
      rows = graph.node("Cast", [graph.node("Gather", [half, tokens])], {
        to: 1,
      });
    }
    return graph.node("Unsqueeze", [rows, graph.ints(0)]);
  }

  /** β = 1 for the two rows of every token, [1, 2T, H]. */
  onesPerRow(tokens: string): string {
    const { graph, shape } = this;
    const rows = graph.node("Mul", [
      graph.node("Shape", [tokens]),
      graph.ints(2),
    ]);
    const dims = graph.node(
      "Concat",
      [graph.ints(1), rows, graph.ints(shape.heads)],
      { axis: 0 },
    );
    return graph.node("Expand", [graph.scalar(1), dims]);
  }

  timeMix(
    layer: number,
    input: string,
    lastInput: string,
    pastState: string,
    pastLogBasis: string,
    ones: string,
    firstValue: string | undefined,
  ) {
    const { graph } = this;
    const att = `blocks.${layer}.att`;
    const x = this.layerNorm(`blocks.${layer}.ln1`, input);
    const { delta, last: shift } = this.tokenShift(x, lastInput);
    // Six mixtures of x and the token before it, [6, T, D], one for each of r, w, k, v, a, g.
    const mixtures = this.mix(
      x,
      delta,
      ["r", "w", "k", "v", "a", "g"].map((name) => `${att}.x_${name}`),
    );
    const [xr, xw, xk, xv, xa, xg] = graph.nodeWithOutputs(
      6,
      "Split",
      [mixtures],
      {
        axis: 0,
        num_outputs: 6,
      },
    ) as [string, string, string, string, string, string];

    const r = this.matMul(`${att}.receptance.weight`, xr);
    let k = this.matMul(`${att}.key.weight`, xk);
    const ownValue = this.matMul(`${att}.value.weight`, xv);

    // log w = −e^(−1/2) · σ(w0 + tanh(xw W1) W2): decay per channel, between −0.607 and 0.
    const decay = this.lowRank(`${att}.w`, xw, "Tanh");
    const logW = graph.node("Mul", [
      graph.node("Sigmoid", [decay]),
      graph.scalar(-Math.exp(-0.5)),
    ]);

    // a = σ(a0 + xa A1 A2), the in-context learning rate. Below e^−30 it is taken as e^−30, which
    // changes nothing that a float could hold, and keeps the basis below well away from overflow.
    const rate = graph.node("Clip", [
      this.lowRank(`${att}.a`, xa),
      graph.scalar(-30),
      graph.scalar(60),
    ]);
    const a = graph.node("Sigmoid", [rate]);
    const logA = graph.node("Neg", [
      graph.node("Softplus", [graph.node("Neg", [rate])]),
    ]);

    // g = σ(xg G1) G2, the output gate.
    const gate = this.lowRank(`${att}.g`, xg, "Sigmoid");

    // Values of deeper layers lean on those of the first: v + (v_first − v) · σ(v0 + xv V1 V2).
    let v = ownValue;
    if (firstValue !== undefined) {
      const share = graph.node("Sigmoid", [this.lowRank(`${att}.v`, xv)]);
      const towards = graph.node("Mul", [
        graph.node("Sub", [firstValue, v]),
        share,
      ]);
      v = graph.node("Add", [v, towards]);
    }

    // κ = (k ∘ k_k) / |k ∘ k_k| per head, the removal key; k ← k ∘ (1 + (a − 1) ∘ k_a).
    const scaledKey = graph.node("Mul", [k, this.vector(`${att}.k_k`)]);
    const kappa = this.merged(
      graph.node("LpNormalization", [this.perHead(scaledKey)], {
        axis: -1,
        p: 2,
      }),
    );
    const keyRate = graph.node("Mul", [a, this.vector(`${att}.k_a`)]);
    k = graph.node("Mul", [
      k,
      graph.node("Add", [keyRate, this.vector(`${att}.k_a`, (x) => 1 - x)]),
    ]);

    const wkv = this.wkv({
      r,
      k,
      v,
      kappa,
      logA,
      logW,
      ones,
      pastState,
      pastLogBasis,
    });

    // Group norm over each head; then the bonus (r · (k ∘ r_k)) v; then the gate.
    const { headSize, width } = this.shape;
    const headNorm = graph.node(
      "LayerNormalization",
      [
        this.perHead(wkv.y),
        graph.floats(
          `${att}.unit`,
          [headSize],
          new Float32Array(headSize).fill(1),
        ),
      ],
      { axis: -1, epsilon: { float: 64e-5 } },
    );
    const normalised = graph.node("Add", [
      graph.node("Mul", [
        this.merged(headNorm),
        this.vector(`${att}.ln_x.weight`),
      ]),
      this.vector(`${att}.ln_x.bias`),
    ]);
    const rk = graph.node("Mul", [
      graph.node("Mul", [r, k]),
      this.vector(`${att}.r_k`),
    ]);
    const bonus = graph.node("Mul", [
      graph.node("ReduceSum", [this.perHead(rk), graph.ints(-1)], {
        keepdims: 1,
      }),
      this.perHead(v),
    ]);
    const y = graph.node("Mul", [
      graph.node("Add", [normalised, this.merged(bonus)]),
      gate,
    ]);
    if (width !== this.shape.heads * headSize)
      throw new Error("heads × head size must equal the width");
    return {
      y: this.matMul(`${att}.output.weight`, y),
      value: ownValue,
      shift,
      wkv: wkv.state,
      logBasis: wkv.logBasis,
    };
  }

  /**
   * S_t = (diag(w) − (a ∘ κ) κᵀ) S_{t−1} + k vᵀ, y = Sᵀ r, on the operator `gated_delta`, which
   * computes S ← (I − u uᵀ) diag(exp g) S + u vᵀ.
   *
   * The two agree in the basis D_t = √(a ∘ w): with Ŝ = D⁻¹S the transition is (I − u uᵀ) diag(exp g)
   * for u = κ ∘ √(a / w) and g = log w + log D_{t−1} − log D_t. The insertion is a row of its own with
   * key 2⁻⁴⁰ k / D, value 2⁴⁰ v and no decay: so small a key removes nothing, and a power of two
   * loses no bits. Every token is thus two rows, and only the second is read.
   */
  private wkv(p: {
    r: string;
    k: string;
    v: string;
    kappa: string;
    logA: string;
    logW: string;
    ones: string;
    pastState: string;
    pastLogBasis: string;
  }) {
    const { graph } = this;
    const { heads, width } = this.shape;
    const half = graph.scalar(0.5);
    const logBasis = graph.node("Mul", [
      graph.node("Add", [p.logA, p.logW]),
      half,
    ]);
    const { delta, last } = this.tokenShift(logBasis, p.pastLogBasis);
    const decay = graph.node("Add", [p.logW, delta]);
    const tilt = graph.node("Mul", [graph.node("Sub", [p.logA, p.logW]), half]);
    const u = graph.node("Mul", [p.kappa, graph.node("Exp", [tilt])]);
    const basis = graph.node("Exp", [logBasis]);
    const key = graph.node("Mul", [
      graph.node("Div", [p.k, basis]),
      graph.scalar(2 ** -40),
    ]);
    const value = graph.node("Mul", [p.v, graph.scalar(2 ** 40)]);
    const query = graph.node("Mul", [p.r, basis]);
    const zero = graph.node("Mul", [p.logW, graph.scalar(0)]);

    const [rows, state] = graph.nodeWithOutputs(
      2,
      "LinearAttention",
      [
        this.twoRows(query, query),
        this.twoRows(u, key),
        this.twoRows(zero, value),
        p.pastState,
        this.twoRows(decay, zero),
        p.ones,
      ],
      {
        q_num_heads: heads,
        kv_num_heads: heads,
        update_rule: "gated_delta",
        scale: { float: 1 },
      },
      "com.microsoft",
    ) as [string, string];
    const pairs = graph.node("Reshape", [rows, graph.ints(1, -1, 2 * width)]);
    const y = graph.node("Slice", [
      pairs,
      graph.ints(width),
      graph.ints(2 * width),
      graph.ints(2),
    ]);
    return { y, state, logBasis: last };
  }

  channelMix(layer: number, input: string, lastInput: string) {
    const { graph } = this;
    const ffn = `blocks.${layer}.ffn`;
    const x = this.layerNorm(`blocks.${layer}.ln2`, input);
    const { delta, last: shift } = this.tokenShift(x, lastInput);
    const mixed = this.mix(x, delta, [`${ffn}.x_k`]);
    const hidden = graph.node("Relu", [
      this.matMul(`${ffn}.key.weight`, mixed),
    ]);
    const squared = graph.node("Mul", [hidden, hidden]);
    return { y: this.matMul(`${ffn}.value.weight`, squared), shift };
  }

  /** Token shift: delta = x_{t−1} − x_t, [1, T, D], and the last x, [1, 1, D]. */
  private tokenShift(x: string, last: string) {
    const { graph } = this;
    const all = graph.node("Concat", [last, x], { axis: 1 });
    const previous = graph.node("Slice", [
      all,
      graph.ints(0),
      graph.ints(-1),
      graph.ints(1),
    ]);
    return {
      delta: graph.node("Sub", [previous, x]),
      last: graph.node("Slice", [
        x,
        graph.ints(-1),
        graph.ints(2 ** 31),
        graph.ints(1),
      ]),
    };
  }

  /** x + delta ∘ m for each named vector m, [number of names, T, D]. */
  private mix(x: string, delta: string, names: string[]): string {
    const { width } = this.shape;
    const stacked = new Float32Array(names.length * width);
    names.forEach((name, row) =>
      stacked.set(this.weights.float32(name), row * width),
    );
    const vectors = this.graph.floats(
      names.join("+"),
      [names.length, 1, width],
      stacked,
    );
    return this.graph.node("Add", [
      x,
      this.graph.node("Mul", [delta, vectors]),
    ]);
  }

  /** offset + activation(x A) B, with A = name1, B = name2 and the offset name0 where it exists. */
  private lowRank(
    name: string,
    x: string,
    activation?: "Tanh" | "Sigmoid",
  ): string {
    const { graph, weights } = this;
    const matrix = (suffix: string) =>
      graph.floats(
        name + suffix,
        weights.dims(name + suffix),
        weights.float32(name + suffix),
      );
    let low = graph.node("MatMul", [x, matrix("1")]);
    if (activation !== undefined) low = graph.node(activation, [low]);
    const high = graph.node("MatMul", [low, matrix("2")]);
    return weights.has(`${name}0`)
      ? graph.node("Add", [high, this.vector(`${name}0`)])
      : high;
  }

  layerNorm(name: string, x: string): string {
    const inputs = [
      x,
      this.vector(`${name}.weight`),
      this.vector(`${name}.bias`),
    ];
    return this.graph.node("LayerNormalization", inputs, {
      axis: -1,
      epsilon: { float: 1e-5 },
    });
  }

  matMul(name: string, x: string): string {
    const [rows, columns] = this.weights.dims(name) as [number, number];
    const weights = this.weights.float32(name);
    return quantisedMatMul(
      this.graph,
      x,
      name,
      rows,
      columns,
      weights,
      this.quantisation,
    );
  }

  /** A vector of D weights, changed by `map` if given. */
  private vector(name: string, map?: (x: number) => number): string {
    const values = this.weights.float32(name);
    if (map === undefined)
      return this.graph.floats(name, [values.length], values);
    return this.graph.floats(
      `${name}.mapped`,
      [values.length],
      values.map(map),
    );
  }

  /** [1, T, D] to [1, T, H, N]. */
  private perHead(x: string): string {
    const { heads, headSize } = this.shape;
    return this.graph.node("Reshape", [
      x,
      this.graph.ints(1, -1, heads, headSize),
    ]);
  }

  /** [1, T, H, N] to [1, T, D]. */
  private merged(x: string): string {
    return this.graph.node("Reshape", [
      x,
      this.graph.ints(1, -1, this.shape.width),
    ]);
  }

  /** Rows a_0, b_0, a_1, b_1, …, [1, 2T, D]. */
  private twoRows(a: string, b: string): string {
    const pairs = this.graph.node("Concat", [a, b], { axis: 2 });
    return this.graph.node("Reshape", [
      pairs,
      this.graph.ints(1, -1, this.shape.width),
    ]);
  }
}

/** Layer norm of one row, in place. */
function normaliseRow(
  row: Float32Array,
  weight: Float32Array,
  bias: Float32Array,
): void {
  let mean = 0;
  for (const x of row) mean += x / row.length;
  let variance = 0;
  for (const x of row) variance += (x - mean) ** 2 / row.length;
  const scale = 1 / Math.sqrt(variance + 1e-5);
  for (let i = 0; i < row.length; i++)
    row[i] = (row[i]! - mean) * scale * weight[i]! + bias[i]!;
}
