import { shapeWithHeads, type Layers, type Shape } from "./layers";
import type { Weights } from "./weights";

/** The sizes of an RWKV-4 model, whose heads are single channels. @throws Error if a tensor is missing. */
export function shapeOf(weights: Weights): Shape {
  return shapeWithHeads(weights, weights.dims("emb.weight")[1] ?? 0);
}

/**
 * RWKV-4 "Dove" (arXiv 2305.13048; official code: RWKV-v4neo/src/model_run.py in BlinkDL/RWKV-LM, and
 * `att_one` in the `rwkv` package).
 *
 * State: shift [2 · layers, 1, D], the last inputs of both mixes of every layer; of layer i
 * sums.i [1, 2, D] and maximum.i [1, 1, D], see `wkv`.
 */
export class Rwkv4 {
  constructor(private readonly l: Layers) {}

  /** @param x the normed input, [1, T, D] */
  timeMix(layer: number, x: string): string {
    const { l } = this;
    const att = `blocks.${layer}.att`;
    const delta = l.shiftDifference(x);
    // time_mix is the share of x itself: x ∘ m + x_{t−1} ∘ (1 − m) = x + delta ∘ (1 − m).
    const mixes = l.vectors(`${att}.time_mix_`, "rkv", (m) => 1 - m);
    const [xr, xk, xv] = l.lerp(x, delta, mixes) as [string, string, string];

    const r = l.map("Sigmoid", l.linear(`${att}.receptance.weight`, xr));
    const k = l.linear(`${att}.key.weight`, xk);
    const v = l.linear(`${att}.value.weight`, xv);
    const y = this.wkv(layer, k, v);
    return l.linear(`${att}.output.weight`, l.mul(r, y));
  }

  /**
   * A weighted mean of the values so far. The weights decay by e^w with each token; the newest token has
   * a weight of its own: with w = −exp(time_decay) and u = time_first,
   *
   *   y_t = (a_{t−1} + e^{u + k_t} v_t) / (b_{t−1} + e^{u + k_t})
   *   a_t = e^w a_{t−1} + e^{k_t} v_t
   *   b_t = e^w b_{t−1} + e^{k_t}
   *
   * Keys may be large, so both sums are divided by e^p, where p_t = max(p_{t−1} + w, k_t) is the largest
   * exponent. The state has a and b in `sums` and p in `maximum`.
   */
  private wkv(layer: number, k: string, v: string): string {
    const { l } = this;
    const { graph } = l;
    const { width } = l.shape;
    const att = `blocks.${layer}.att`;
    const w = l.vector(`${att}.time_decay`, (x) => -Math.exp(x));
    const u = l.vector(`${att}.time_first`);
    const max = (a: string, b: string) => graph.node("Max", [a, b]);
    const exp = (x: string) => l.map("Exp", x);

    const sums = l.past("sums", layer, [1, 2, width]);
    const maximum = this.pastMaximum(layer, sums);
    // One row a token: k [1, D], and v beside ones [2, D], which makes both sums one.
    const keys = l.reshape(k, -1, 1, width);
    const values = l.reshape(v, -1, 1, width);
    const ones = graph.node("Expand", [
      graph.scalar(1),
      graph.node("Shape", [values]),
    ]);
    const valuesAndOnes = graph.node("Concat", [values, ones], { axis: 1 });

    const body = graph.body(
      [
        ["float32", [1, 2, width]],
        ["float32", [1, 1, width]],
        ["float32", [1, width]],
        ["float32", [2, width]],
      ],
      (sums, p, k, values) => {
        const faded = l.add(p, w);
        const next = max(faded, k);
        const kept = l.mul(sums, exp(l.sub(faded, next)));
        const added = l.mul(values, exp(l.sub(k, next)));
        return [
          [l.add(kept, added), "float32"],
          [next, "float32"],
          // The output of a token uses both sums from before it.
          [l.map("Identity", sums), "float32"],
          [l.map("Identity", p), "float32"],
        ];
      },
    );
    const [newSums, newMaximum, sumsBefore, before] = graph.nodeWithOutputs(
      4,
      "Scan",
      [sums, maximum, keys, valuesAndOnes],
      { body, num_scan_inputs: 2 },
    ) as [string, string, string, string];
    l.next("sums", layer, newSums);
    l.next("maximum", layer, newMaximum);

    const own = l.add(keys, u); // [T, 1, D]
    const p = l.reshape(before, -1, 1, width);
    const top = max(p, own);
    const past = l.mul(l.reshape(sumsBefore, -1, 2, width), exp(l.sub(p, top)));
    const now = l.mul(valuesAndOnes, exp(l.sub(own, top)));
    const [a, b] = l.split(l.add(past, now), 2, 1) as [string, string];
    return l.reshape(graph.node("Div", [a, b]), 1, -1, width);
  }

  /** Before the first token there is no maximum; b, which is at least 1 from then on, is 0. */
  private pastMaximum(layer: number, sums: string): string {
    const { l } = this;
    const maximum = l.past("maximum", layer, [1, 1, l.shape.width]);
    const begun = l.graph.node("Greater", [
      l.slice(sums, 1, 2),
      l.graph.scalar(0.5),
    ]);
    return l.graph.node("Where", [begun, maximum, l.graph.scalar(-1e38)]);
  }

  channelMix(layer: number, x: string): string {
    const ffn = `blocks.${layer}.ffn`;
    return this.l.gatedChannelMix(ffn, x, "time_mix_", (m) => 1 - m);
  }
}
