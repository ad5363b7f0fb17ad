import type { Weights } from "../../../src/engine/weights";
import * as m from "./math";
import { matrices, recur } from "./rwkv5";

/** RWKV-6, section 4 of arXiv 2404.05892. */
export function rwkv6(weights: Weights, epsilons: m.Epsilons): m.Recurrent {
  const t = new m.Tensors(weights, epsilons);
  const layers = t.layers();
  const width = t.dims("emb.weight")[1]!;
  const heads = t.dims("blocks.0.att.time_faaaa")[0]!;
  const beforeTime = m.lastInput(layers, width);
  const beforeChannel = m.lastInput(layers, width);
  const states = Array.from({ length: layers }, () => matrices(width, heads));

  return m.recurrent(
    t,
    (layer, x) => {
      const att = `blocks.${layer}.att`;
      const before = beforeTime(layer, x);
      const shares = dynamicShares(t, att, x, before);
      const mixed = (name: string) => towards(x, before, shares.get(name)!);
      const r = t.linear(`${att}.receptance.weight`, mixed("r"));
      const k = t.linear(`${att}.key.weight`, mixed("k"));
      const v = t.linear(`${att}.value.weight`, mixed("v"));
      const gate = t.linear(`${att}.gate.weight`, mixed("g")).map(m.silu);
      const low = t.project(`${att}.time_decay_w1`, mixed("w")).map(Math.tanh);
      const decay = m
        .add(t.get(`${att}.time_decay`), t.project(`${att}.time_decay_w2`, low))
        .map((w) => Math.exp(-Math.exp(w)));
      const bonus = t.get(`${att}.time_faaaa`);
      const wkv = recur(states[layer]!, heads, r, k, v, decay, bonus);
      const y = t.headNorm(`${att}.ln_x`, wkv, heads);
      return t.linear(`${att}.output.weight`, m.mul(y, gate));
    },
    (layer, x) => {
      const ffn = `blocks.${layer}.ffn`;
      const before = beforeChannel(layer, x);
      const mixed = (name: string) =>
        towards(x, before, t.get(`${ffn}.time_maa_${name}`));
      const r = t.linear(`${ffn}.receptance.weight`, mixed("r")).map(m.sigmoid);
      const k = t.linear(`${ffn}.key.weight`, mixed("k")).map(m.squaredRelu);
      return m.mul(r, t.linear(`${ffn}.value.weight`, k));
    },
  );
}

/** x + (before − x) ∘ share */
export function towards(
  x: m.Vector,
  before: m.Vector,
  share: m.Vector,
): m.Vector {
  return x.map((value, i) => value + (before[i]! - value) * share[i]!);
}

/** How much of the token before goes into each mixture: learned, and moved by the data. */
function dynamicShares(
  t: m.Tensors,
  att: string,
  x: m.Vector,
  before: m.Vector,
): Map<string, m.Vector> {
  const seen = towards(x, before, t.get(`${att}.time_maa_x`));
  const low = t.project(`${att}.time_maa_w1`, seen).map(Math.tanh);
  const rank = low.length / 5;
  const matrix = rank * x.length;
  return new Map(
    [..."wkvrg"].map((name, i) => {
      const moved = m.vectorTimesMatrix(
        low.subarray(i * rank, (i + 1) * rank),
        t.get(`${att}.time_maa_w2`).subarray(i * matrix, (i + 1) * matrix),
      );
      return [name, m.add(t.get(`${att}.time_maa_${name}`), moved)];
    }),
  );
}
