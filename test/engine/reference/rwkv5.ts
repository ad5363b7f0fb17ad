import type { Weights } from "../../../src/engine/weights";
import * as m from "./math";
import { channelMix, mix } from "./rwkv4";

/** RWKV-5, section 4 of arXiv 2404.05892; versions 5.0 to 5.2 differ in what the tensors are. */
export function rwkv5(weights: Weights, epsilons: m.Epsilons): m.Recurrent {
  const t = new m.Tensors(weights, epsilons);
  const layers = t.layers();
  const width = t.dims("emb.weight")[1]!;
  const heads = t.dims("blocks.0.att.time_decay")[0]!;
  const beforeTime = m.lastInput(layers, width);
  const beforeChannel = m.lastInput(layers, width);
  const states = Array.from({ length: layers }, () => matrices(width, heads));

  return m.recurrent(
    t,
    (layer, x) => {
      const att = `blocks.${layer}.att`;
      const before = beforeTime(layer, x);
      const mixed = (name: string) =>
        mix(t.get(`${att}.time_mix_${name}`), x, before);
      const r = t.linear(`${att}.receptance.weight`, mixed("r"));
      const k = t.linear(`${att}.key.weight`, mixed("k"));
      const v = t.linear(`${att}.value.weight`, mixed("v"));
      const decay = perChannel(t.get(`${att}.time_decay`), width).map((w) =>
        Math.exp(-Math.exp(w)),
      );
      const bonus = t.has(`${att}.time_faaaa`)
        ? perChannel(t.get(`${att}.time_faaaa`), width)
        : perChannel(t.get(`${att}.time_first`), width).map(Math.exp);
      const wkv = recur(states[layer]!, heads, r, k, v, decay, bonus);
      const y = t.headNorm(`${att}.ln_x`, wkv, heads);
      if (!t.has(`${att}.gate.weight`))
        return t.linear(`${att}.output.weight`, y);
      const gate = t.linear(`${att}.gate.weight`, mixed("g")).map(m.silu);
      return t.linear(`${att}.output.weight`, m.mul(y, gate));
    },
    (layer, x) => channelMix(t, layer, x, beforeChannel(layer, x)),
  );
}

/** One matrix [keys, values] a head, all zeros. */
export function matrices(width: number, heads: number): m.Vector {
  return new Float64Array((width * width) / heads);
}

/** y = (S + diag(u) k vᵀ)ᵀ r, then S ← diag(w) S + k vᵀ, in each head. */
export function recur(
  state: m.Vector,
  heads: number,
  r: m.Vector,
  k: m.Vector,
  v: m.Vector,
  w: m.Vector,
  u: m.Vector,
): m.Vector {
  const size = r.length / heads;
  const y = new Float64Array(r.length);
  for (let key = 0; key < r.length; key++) {
    const head = Math.floor(key / size) * size;
    for (let j = 0; j < size; j++) {
      const at = key * size + j;
      const added = k[key]! * v[head + j]!;
      y[head + j]! += r[key]! * (state[at]! + u[key]! * added);
      state[at] = w[key]! * state[at]! + added;
    }
  }
  return y;
}

function perChannel(values: m.Vector, width: number): m.Vector {
  return Float64Array.from(
    { length: width },
    (_, i) => values[Math.floor((i * values.length) / width)]!,
  );
}
