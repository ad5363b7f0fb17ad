import { shapeWithHeads, type Layers, type Shape } from "./layers";
import type { Weights } from "./weights";

/** The sizes of an RWKV-5 model. @throws Error if a tensor is missing. */
export function shapeOf(weights: Weights): Shape {
  const decay = weights.dims("blocks.0.att.time_decay");
  // 5.0 and 5.1 have one decay a head, [H]; 5.2 has one a channel, [H, N].
  return shapeWithHeads(weights, decay[0] ?? 0);
}

/**
 * RWKV-5 "Eagle" (arXiv 2404.05892; official code: RWKV-v5/src/model.py in BlinkDL/RWKV-LM, and
 * `att_one_v5…` in the `rwkv` package): RWKV-4 with a matrix for a state.
 *
 *        decay and bonus   output gate
 *   5.0  one a head        none
 *   5.1  one a head        SiLU
 *   5.2  one a channel     SiLU
 *
 * State: shift [2 · layers, 1, D], the last inputs of both mixes of every layer; of layer i
 * wkv.i and wkv_row.i, see `readBeforeWrite`.
 */
export class Rwkv5 {
  constructor(
    private readonly l: Layers,
    private readonly tokens: string,
    private readonly headNormEpsilon: number,
  ) {}

  /** @param x the normed input, [1, T, D] */
  timeMix(layer: number, x: string): string {
    const { l } = this;
    const att = `blocks.${layer}.att`;
    const gated = l.weights.has(`${att}.gate.weight`);
    const delta = l.shiftDifference(x);
    // time_mix is the share of x itself: x ∘ m + x_{t−1} ∘ (1 − m) = x + delta ∘ (1 − m).
    const [xr, xk, xv, xg] = l.lerp(
      x,
      delta,
      l.vectors(`${att}.time_mix_`, gated ? "rkvg" : "rkv", (m) => 1 - m),
    ) as [string, string, string, string?];

    const r = l.linear(`${att}.receptance.weight`, xr);
    const k = l.linear(`${att}.key.weight`, xk);
    const v = l.linear(`${att}.value.weight`, xv);

    // w = exp(−exp(time_decay)), constant: a row for every token.
    const logDecay = this.perChannel(`${att}.time_decay`, (x) => -Math.exp(x));
    const constant = l.rowPerToken(logDecay, l.shape.width, this.tokens);
    // y_t = S_{t−1}ᵀ r + (r · (u ∘ k)) v, with u = time_faaaa or, in older files, exp(time_first).
    const past = l.readBeforeWrite(layer, r, k, v, { constant });
    const u = l.weights.has(`${att}.time_faaaa`)
      ? this.perChannel(`${att}.time_faaaa`)
      : this.perChannel(`${att}.time_first`, Math.exp);
    const own = l.bonus(r, l.mul(k, u), v);
    const y = l.merged(
      l.headNorm(`${att}.ln_x`, l.add(past, own), this.headNormEpsilon),
    );
    if (xg === undefined) return l.linear(`${att}.output.weight`, y);
    const gate = l.silu(l.linear(`${att}.gate.weight`, xg));
    return l.linear(`${att}.output.weight`, l.mul(y, gate));
  }

  channelMix(layer: number, x: string): string {
    const ffn = `blocks.${layer}.ffn`;
    return this.l.gatedChannelMix(ffn, x, "time_mix_", (m) => 1 - m);
  }

  /** One number a head or a channel, as one a channel, [D]. */
  private perChannel(name: string, change?: (x: number) => number): string {
    const { l } = this;
    const values = l.weights.float32(name);
    const channels = l.shape.width / values.length;
    const repeated = Float32Array.from(
      { length: l.shape.width },
      (_, channel) => {
        const value = values[Math.floor(channel / channels)]!;
        return change === undefined ? value : change(value);
      },
    );
    return l.graph.floats(name, [l.shape.width], repeated);
  }
}
