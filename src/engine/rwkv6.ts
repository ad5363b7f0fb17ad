import { shapeWithHeads, type Layers, type Shape } from "./layers";
import type { Weights } from "./weights";

/** The sizes of an RWKV-6 model. @throws Error if a tensor is missing. */
export function shapeOf(weights: Weights): Shape {
  return shapeWithHeads(
    weights,
    weights.dims("blocks.0.att.time_faaaa")[0] ?? 0,
  );
}

/**
 * RWKV-6 "Finch" (arXiv 2404.05892; official code: RWKV-v5/src/model.py in BlinkDL/RWKV-LM, class
 * RWKV_Tmix_x060, and `att_one_v6_0` in the `rwkv` package): RWKV-5 whose token shift and decay
 * depend on the data.
 *
 * State: shift [2 · layers, 1, D], the last inputs of both mixes of every layer; of layer i
 * wkv.i and wkv_row.i, see `readBeforeWrite`.
 */
export class Rwkv6 {
  constructor(
    private readonly l: Layers,
    private readonly headNormEpsilon: number,
  ) {}

  /** @param x the normed input, [1, T, D] */
  timeMix(layer: number, x: string): string {
    const { l } = this;
    const att = `blocks.${layer}.att`;
    const delta = l.shiftDifference(x);
    const [xw, xk, xv, xr, xg] = this.dynamicLerp(att, x, delta) as [
      string,
      string,
      string,
      string,
      string,
    ];

    const r = l.linear(`${att}.receptance.weight`, xr);
    const k = l.linear(`${att}.key.weight`, xk);
    const v = l.linear(`${att}.value.weight`, xv);
    const gate = l.silu(l.linear(`${att}.gate.weight`, xg));

    // w = exp(−exp(time_decay + tanh(xw W1) W2))
    const low = l.map("Tanh", l.project(`${att}.time_decay_w1`, xw));
    const decay = l.add(
      l.project(`${att}.time_decay_w2`, low),
      l.vector(`${att}.time_decay`),
    );
    const data = l.map("Neg", l.map("Exp", decay));
    // y_t = S_{t−1}ᵀ r + (r · (u ∘ k)) v, with u = time_faaaa.
    const past = l.readBeforeWrite(layer, r, k, v, { data });
    const own = l.bonus(r, l.mul(k, l.vector(`${att}.time_faaaa`)), v);
    const y = l.merged(
      l.headNorm(`${att}.ln_x`, l.add(past, own), this.headNormEpsilon),
    );
    return l.linear(`${att}.output.weight`, l.mul(y, gate));
  }

  channelMix(layer: number, x: string): string {
    return this.l.gatedChannelMix(`blocks.${layer}.ffn`, x, "time_maa_");
  }

  /**
   * x + delta ∘ (m + tanh((x + delta ∘ m_x) W1) W2) for each of w, k, v, r, g: the share of the previous
   * token depends on both tokens.
   */
  private dynamicLerp(att: string, x: string, delta: string): string[] {
    const { l } = this;
    const [mixed] = l.lerp(x, delta, l.vectors(`${att}.time_maa_`, "x")) as [
      string,
    ];
    const low = l.map("Tanh", l.project(`${att}.time_maa_w1`, mixed)); // [1, T, 5R]
    const rank = l.weights.dims(`${att}.time_maa_w2`)[1] ?? 0;
    const perMix = l.graph.node("Transpose", [l.reshape(low, -1, 5, rank)], {
      perm: [1, 0, 2],
    }); // [5, T, R]
    const shares = l.project(`${att}.time_maa_w2`, perMix); // [5, T, D]
    const m = l.stack(l.vectors(`${att}.time_maa_`, "wkvrg")); // [5, 1, D]
    return l.split(l.add(x, l.mul(delta, l.add(shares, m))), 5, 0);
  }
}
