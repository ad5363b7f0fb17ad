import type { Weights } from "../../../src/engine/weights";
import * as m from "./math";

/** RWKV-4, section 3 of arXiv 2305.13048, with the numerically safe form of its appendix. */
export function rwkv4(weights: Weights, epsilons: m.Epsilons): m.Recurrent {
  const t = new m.Tensors(weights, epsilons);
  const layers = t.layers();
  const width = t.dims("emb.weight")[1]!;
  const beforeTime = m.lastInput(layers, width);
  const beforeChannel = m.lastInput(layers, width);
  const state = Array.from({ length: layers }, () => ({
    numerator: new Float64Array(width),
    denominator: new Float64Array(width),
    maximum: new Float64Array(width).fill(-Infinity),
  }));

  return m.recurrent(
    t,
    (layer, x) => {
      const att = `blocks.${layer}.att`;
      const before = beforeTime(layer, x);
      const mixed = (name: string) =>
        mix(t.get(`${att}.time_mix_${name}`), x, before);
      const r = t.linear(`${att}.receptance.weight`, mixed("r")).map(m.sigmoid);
      const k = t.linear(`${att}.key.weight`, mixed("k"));
      const v = t.linear(`${att}.value.weight`, mixed("v"));
      const decay = t.get(`${att}.time_decay`).map((w) => -Math.exp(w));
      const bonus = t.get(`${att}.time_first`);
      const { numerator, denominator, maximum } = state[layer]!;
      const wkv = k.map((key, i) => {
        const own = bonus[i]! + key;
        const top = Math.max(maximum[i]!, own);
        const past = Math.exp(maximum[i]! - top);
        const now = Math.exp(own - top);
        const y =
          (past * numerator[i]! + now * v[i]!) / (past * denominator[i]! + now);
        const next = Math.max(maximum[i]! + decay[i]!, key);
        const kept = Math.exp(maximum[i]! + decay[i]! - next);
        const added = Math.exp(key - next);
        numerator[i] = kept * numerator[i]! + added * v[i]!;
        denominator[i] = kept * denominator[i]! + added;
        maximum[i] = next;
        return y;
      });
      return t.linear(`${att}.output.weight`, m.mul(r, wkv));
    },
    (layer, x) => channelMix(t, layer, x, beforeChannel(layer, x)),
  );
}

/** x ∘ share + before ∘ (1 − share) */
export function mix(share: m.Vector, x: m.Vector, before: m.Vector): m.Vector {
  return x.map((value, i) => value * share[i]! + before[i]! * (1 - share[i]!));
}

/** The channel mix of RWKV-4 and 5. */
export function channelMix(
  t: m.Tensors,
  layer: number,
  x: m.Vector,
  before: m.Vector,
): m.Vector {
  const ffn = `blocks.${layer}.ffn`;
  const r = t.linear(
    `${ffn}.receptance.weight`,
    mix(t.get(`${ffn}.time_mix_r`), x, before),
  );
  const k = t.linear(
    `${ffn}.key.weight`,
    mix(t.get(`${ffn}.time_mix_k`), x, before),
  );
  return m.mul(
    r.map(m.sigmoid),
    t.linear(`${ffn}.value.weight`, k.map(m.squaredRelu)),
  );
}
