import {
  shapeWithHeads,
  type Activation,
  type Layers,
  type Shape,
} from "./layers";
import type { Weights } from "./weights";

/** The sizes of an RWKV-7 model. @throws Error if a tensor is missing. */
export function shapeOf(weights: Weights): Shape {
  return shapeWithHeads(weights, weights.dims("blocks.0.att.r_k")[0] ?? 0);
}

/**
 * RWKV-7 "Goose" (arXiv 2503.14456; official code: RWKV-v7/rwkv_v7_demo.py in BlinkDL/RWKV-LM), and
 * 7a, which adds an embedding to the channel mix (RWKV-v7/rwkv_v7a_demo.py).
 *
 * State: shift [2 · layers, 1, D], the last inputs of both mixes of every layer; of layer i
 * wkv.i [1, H, N, N], the matrix S, keys by values.
 */
export class Rwkv7 {
  /** The first layer's values, which the others mix in, [T, D]. */
  firstValue: string | undefined;
  /** β = 1 for the two rows of every token, [1, 2T, H]. */
  private readonly ones: string;
  /** [T, D] */
  private readonly zeros: string;

  /** @param embedding ln0(emb) of the tokens, [1, T, D] */
  constructor(
    private readonly l: Layers,
    private readonly tokens: string,
    private readonly embedding: string,
    private readonly headNormEpsilon: number,
  ) {
    const { heads, width } = l.shape;
    const one = l.graph.scalar(1);
    this.ones = l.reshape(
      l.rowPerToken(one, 2 * heads, tokens),
      ...[1, -1, heads],
    );
    this.zeros = l.rowsOf(l.rowPerToken(l.graph.scalar(0), width, tokens));
  }

  /** @param x the normed input, [1, T, D] */
  timeMix(layer: number, x: string): string {
    const { l } = this;
    const att = `blocks.${layer}.att`;
    const delta = l.shiftDifference(x);
    const [xr, xw, xk, xv, xa, xg] = l.lerpRows(
      x,
      delta,
      l.vectors(`${att}.x_`, "rwkvag"),
    ) as [string, string, string, string, string, string];

    const r = l.linear(`${att}.receptance.weight`, xr);
    const k = l.linear(`${att}.key.weight`, xk);
    // Times 2⁴⁰, as k below is times 2⁻⁴⁰: see `wkv`. Where both meet, the factors cancel.
    let v = l.linear(`${att}.value.weight`, xv, 1 / tiny);

    // log w = −e^(−1/2) · σ(w0 + tanh(xw W1) W2): decay per channel, between −0.607 and 0.
    const w = this.lowRank(`${att}.w`, xw, { inner: "Tanh", outer: "Sigmoid" });
    const halfLogW = l.mul(w, l.graph.scalar(-Math.exp(-0.5) / 2));
    // a = σ(a0 + xa A1 A2), the in-context learning rate. It is at least e^−30, which changes no result
    // in single precision.
    const a = l.graph.node("Max", [
      this.lowRank(`${att}.a`, xa, { outer: "Sigmoid" }),
      l.graph.scalar(Math.exp(-30)),
    ]);
    // g = σ(xg G1) G2, the output gate.
    const g = this.lowRank(`${att}.g`, xg, { inner: "Sigmoid" });

    // Deeper layers mix in the values of the first: v + (v_first − v) · σ(v0 + xv V1 V2).
    if (this.firstValue === undefined) {
      this.firstValue = v;
    } else {
      const share = this.lowRank(`${att}.v`, xv, { outer: "Sigmoid" });
      v = l.add(v, l.mul(l.sub(this.firstValue, v), share));
    }

    // κ = (k ∘ k_k) / |k ∘ k_k| per head, the removal key.
    const kappa = l.rowsOf(
      l.graph.node(
        "LpNormalization",
        [l.perHead(l.mul(k, l.vector(`${att}.k_k`)))],
        { axis: -1, p: 2 },
      ),
    );
    // k ∘ (1 + (a − 1) ∘ k_a), the insertion key, times 2⁻⁴⁰.
    const ka = l.vector(`${att}.k_a`, (x) => x * tiny);
    const rest = l.vector(`${att}.k_a`, (x) => (1 - x) * tiny);
    const insertionKey = l.mul(k, l.add(l.mul(a, ka), rest));

    // y = Sᵀ r, group-normed per head; then the bonus (r · (k ∘ r_k)) v; then the gate.
    const y = l.headNorm(
      `${att}.ln_x`,
      this.wkv(layer, { r, k: insertionKey, v, kappa, a, halfLogW }),
      this.headNormEpsilon,
    );
    const weightedKey = l.mul(insertionKey, l.vector(`${att}.r_k`));
    const own = l.bonus(r, weightedKey, v);
    const gated = l.mul(l.merged(l.add(y, own)), g);
    return l.linear(`${att}.output.weight`, gated);
  }

  /**
   * S_t = (diag(w) − (a ∘ κ) κᵀ) S_{t−1} + k vᵀ, y = Sᵀ r, on the operator `gated_delta`, which
   * computes S ← diag(exp g) S, then S ← S + k (v − Sᵀk)ᵀ, for each row. Every token is two rows:
   *
   * 1. removal. In the basis D = √(a ∘ w) the transition is a decay and a symmetric projection:
   *    D⁻¹ (diag(w) − (a ∘ κ) κᵀ) = (I − u uᵀ) D⁻¹ diag(w) for u = κ ∘ √(a / w). So: g = log w − log D,
   *    key u, value 0;
   * 2. insertion, back in the plain basis: g = log D, key 2⁻⁴⁰ k, value 2⁴⁰ v. A key so small removes
   *    nothing, and a power of two loses no bits.
   *
   * @returns y of every token, [1, T, H, N]
   */
  private wkv(
    layer: number,
    p: {
      r: string;
      k: string;
      v: string;
      kappa: string;
      a: string;
      halfLogW: string;
    },
  ): string {
    const { l } = this;
    const { heads, headSize } = l.shape;
    const halfLogA = l.mul(l.map("Log", p.a), l.graph.scalar(0.5));
    const removalDecay = l.sub(p.halfLogW, halfLogA); // log w − log D = log √(w / a)
    const insertionDecay = l.add(p.halfLogW, halfLogA); // log D
    const u = l.graph.node("Div", [p.kappa, l.map("Exp", removalDecay)]);

    const state = l.past("wkv", layer, [1, heads, headSize, headSize]);
    const [rows, newState] = l.graph.nodeWithOutputs(
      2,
      "LinearAttention",
      [
        this.twoRows(p.r, p.r),
        this.twoRows(u, p.k),
        this.twoRows(this.zeros, p.v),
        state,
        this.twoRows(removalDecay, insertionDecay),
        this.ones,
      ],
      {
        q_num_heads: heads,
        kv_num_heads: heads,
        update_rule: "gated_delta",
        scale: { float: 1 },
      },
      "com.microsoft",
    ) as [string, string];
    l.next("wkv", layer, newState);
    const pairs = l.reshape(rows, 1, -1, 2, heads, headSize);
    return l.graph.node("Gather", [pairs, l.graph.index(1)], { axis: 2 });
  }

  /** y = relu(xk Kᵀ)² Vᵀ; in 7a the hidden activation is scaled by `deepEmbedding` first. */
  channelMix(layer: number, x: string): string {
    const { l } = this;
    const ffn = `blocks.${layer}.ffn`;
    const xk = l.shiftMixture(x, `${ffn}.x_k`);
    let k = l.squaredRelu(l.linear(`${ffn}.key.weight`, xk));
    if (l.weights.has(`${ffn}.s_emb.weight`))
      k = l.mul(k, this.deepEmbedding(ffn, x));
    return l.linear(`${ffn}.value.weight`, k);
  }

  /**
   * DeepEmbed of 7a: s0 + (x S1) M S2, where M = E[token] + ln0(emb[token]) s_emb_xᵀ is a matrix [R, R]
   * of the token's own (R = 32 in official models). Official code adds both terms of M when it loads a
   * model, for the whole vocabulary; for the tokens of a run it is little work, so an import need not
   * spend minutes on it.
   *
   * @returns [1, T, F] for F hidden channels
   */
  private deepEmbedding(ffn: string, x: string): string {
    const { l } = this;
    const rank = l.weights.dims(`${ffn}.s1`)[1] ?? 0;
    const own = l.table(`${ffn}.s_emb.weight`, this.tokens); // [T, R²]
    const residual = l.linear(`${ffn}.s_emb_x.weight`, this.embedding); // [1, T, R²]
    const matrices = l.reshape(l.add(own, residual), -1, rank, rank);
    const low = l.reshape(l.project(`${ffn}.s1`, x), -1, 1, rank); // [T, 1, R]
    const turned = l.graph.node("MatMul", [low, matrices]);
    const high = l.project(`${ffn}.s2`, l.reshape(turned, 1, -1, rank));
    return l.add(high, l.vector(`${ffn}.s0`));
  }

  /**
   * outer(offset + inner(x A) B), with A = name1, B = name2 and the offset name0 where it exists.
   *
   * @param x [T, D]
   * @returns [T, D]
   */
  private lowRank(
    name: string,
    x: string,
    { inner, outer }: { inner?: Activation; outer?: Activation },
  ): string {
    const { l } = this;
    const low = l.gemm(x, `${name}1`, { activation: inner });
    const offset = l.weights.has(`${name}0`) ? `${name}0` : undefined;
    return l.gemm(low, `${name}2`, { activation: outer, offset });
  }

  /** Rows a_0, b_0, a_1, b_1, … of two [T, D], [1, 2T, D]. */
  private twoRows(a: string, b: string): string {
    const pairs = this.l.graph.node("Concat", [a, b], { axis: -1 });
    return this.l.merged(pairs);
  }
}

const tiny = 2 ** -40;
