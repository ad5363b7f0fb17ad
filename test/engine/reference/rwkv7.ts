import type { Weights } from "../../../src/engine/weights";
import * as m from "./math";
import { matrices } from "./rwkv5";
import { towards } from "./rwkv6";

/** RWKV-7, section 4 of arXiv 2503.14456, and the DeepEmbed of 7a (rwkv_v7a_demo.py). */
export function rwkv7(weights: Weights, epsilons: m.Epsilons): m.Recurrent {
  const t = new m.Tensors(weights, epsilons);
  const layers = t.layers();
  const width = t.dims("emb.weight")[1]!;
  const heads = t.dims("blocks.0.att.r_k")[0]!;
  const beforeTime = m.lastInput(layers, width);
  const beforeChannel = m.lastInput(layers, width);
  const states = Array.from({ length: layers }, () => matrices(width, heads));
  let firstValue: m.Vector | undefined;

  /** offset + f(x A) B */
  const lowRank = (
    name: string,
    x: m.Vector,
    f: (x: number) => number = (x) => x,
  ) => {
    const high = t.project(`${name}2`, t.project(`${name}1`, x).map(f));
    return t.has(`${name}0`) ? m.add(high, t.get(`${name}0`)) : high;
  };

  return m.recurrent(
    t,
    (layer, x) => {
      const att = `blocks.${layer}.att`;
      const before = beforeTime(layer, x);
      const mixed = (name: string) =>
        towards(x, before, t.get(`${att}.x_${name}`));
      const r = t.linear(`${att}.receptance.weight`, mixed("r"));
      const key = t.linear(`${att}.key.weight`, mixed("k"));
      const value = t.linear(`${att}.value.weight`, mixed("v"));
      const w = lowRank(`${att}.w`, mixed("w"), Math.tanh).map((x) =>
        Math.exp(-Math.exp(-0.5) * m.sigmoid(x)),
      );
      const a = lowRank(`${att}.a`, mixed("a")).map(m.sigmoid);
      const g = lowRank(`${att}.g`, mixed("g"), m.sigmoid);

      let v = value;
      if (layer === 0) {
        firstValue = value;
      } else {
        const share = lowRank(`${att}.v`, mixed("v")).map(m.sigmoid);
        v = towards(value, firstValue!, share);
      }
      const removal = unitPerHead(m.mul(key, t.get(`${att}.k_k`)), heads);
      const ka = t.get(`${att}.k_a`);
      const k = key.map((x, i) => x * (1 + (a[i]! - 1) * ka[i]!));

      const wkv = deltaRule(states[layer]!, heads, { r, w, k, v, removal, a });
      const normed = t.headNorm(`${att}.ln_x`, wkv, heads);
      const weighted = m.mul(m.mul(r, k), t.get(`${att}.r_k`));
      const own = m.mul(headSums(weighted, heads), v);
      return t.linear(`${att}.output.weight`, m.mul(m.add(normed, own), g));
    },
    (layer, x, token) => {
      const ffn = `blocks.${layer}.ffn`;
      const mixed = towards(x, beforeChannel(layer, x), t.get(`${ffn}.x_k`));
      let k: m.Vector = t.linear(`${ffn}.key.weight`, mixed).map(m.squaredRelu);
      if (t.has(`${ffn}.s_emb.weight`)) {
        const size = t.dims(`${ffn}.s_emb.weight`)[1]!;
        const matrix = m.add(
          t.get(`${ffn}.s_emb.weight`).slice(token * size, (token + 1) * size),
          t.linear(`${ffn}.s_emb_x.weight`, t.embedding(token)),
        );
        const low = m.vectorTimesMatrix(t.project(`${ffn}.s1`, x), matrix);
        k = m.mul(k, m.add(t.project(`${ffn}.s2`, low), t.get(`${ffn}.s0`)));
      }
      return t.linear(`${ffn}.value.weight`, k);
    },
  );
}

/** S ← (diag(w) − (a ∘ κ) κᵀ) S + k vᵀ, y = Sᵀ r, in each head; S is [keys, values]. */
function deltaRule(
  state: m.Vector,
  heads: number,
  p: Record<"r" | "w" | "k" | "v" | "removal" | "a", m.Vector>,
): m.Vector {
  const width = p.r.length;
  const size = width / heads;
  const y = new Float64Array(width);
  for (let head = 0; head < width; head += size) {
    for (let j = 0; j < size; j++) {
      let held = 0;
      for (let i = head; i < head + size; i++)
        held += p.removal[i]! * state[i * size + j]!;
      for (let i = head; i < head + size; i++) {
        const at = i * size + j;
        state[at] =
          p.w[i]! * state[at]! -
          p.a[i]! * p.removal[i]! * held +
          p.k[i]! * p.v[head + j]!;
        y[head + j]! += p.r[i]! * state[at];
      }
    }
  }
  return y;
}

function unitPerHead(x: m.Vector, heads: number): m.Vector {
  const squares = headSums(m.mul(x, x), heads);
  return x.map((value, i) => value / Math.max(Math.sqrt(squares[i]!), 1e-12));
}

/** For every channel the sum over its head. */
function headSums(x: m.Vector, heads: number): m.Vector {
  const size = x.length / heads;
  return x.map((_, i) => {
    const head = Math.floor(i / size) * size;
    return x.subarray(head, head + size).reduce((sum, value) => sum + value, 0);
  });
}
