import type { Weights } from "./weights";

/** Earlier tokens of a text and of others, which a model's vectors are compared with. */
export interface Neighbours {
  /** The vector after each of N tokens, [N, W]. */
  readonly vectors: Uint8Array;
  /** The token that followed each of them, [N]. */
  readonly next: Int32Array;
  /** How many of them, at the start, are of the text itself; the rest are of others. */
  readonly own: number;
}

/** What the neighbours expect: their share of the mixture, and the probabilities that it is made of. */
export interface Recalled {
  /** 0 … 1 */
  readonly share: number;
  /** Probability of each token that followed a neighbour; they add up to 1. */
  readonly tokens: ReadonlyMap<number, number>;
}

/** Weights below e^-this of the largest are left out: all of them together would change nothing. */
const leastExponent = 12;

/**
 * A continuous cache (E. Grave et al., arXiv 1612.04426; with a learned vector, a learned share and other
 * files as in U. Khandelwal et al., arXiv 1911.00172): each earlier token offers the one that followed it,
 * weighed by how like the network's hidden state was there to what it is here.
 *
 *   s_i = θ · cosine_i + e, e for those of other texts alone; w = softmax(s)
 *   share = σ(b₀ + v · hidden + b₁ max s_i / θ + b₂ Σ w_i² + b₃ log Σ exp(s_i) / 10)
 *   p = (1 − share) p_others + share Σ w_i [next_i]
 */
export class NeighbourGate {
  private readonly sharpness: number;
  private readonly elsewhere: number;
  private readonly shareWeight: Float32Array;
  private readonly share: Float32Array;

  /**
   * @param weights tensors `neighbours.*` as `training/` exports them
   * @param firstText ids below this are special tokens, which are never offered
   * @throws Error if a tensor is missing or has another shape
   */
  constructor(
    weights: Weights,
    width: number,
    private readonly firstText: number,
  ) {
    const read = (name: string, length: number) => {
      const values = weights.float32(`neighbours.${name}`);
      if (values.length !== length)
        throw new Error(
          `neighbours.${name} has ${values.length} values instead of ${length}`,
        );
      return values;
    };
    this.sharpness = read("sharpness", 1)[0]!;
    this.elsewhere = read("elsewhere", 1)[0]!;
    this.shareWeight = read("share_weight", width);
    this.share = read("share", 4);
  }

  /**
   * What the neighbours expect next; undefined if none offers a token.
   *
   * @param hidden the hidden state, [D]
   * @param cosines of the present vector with those of the neighbours, [N]
   */
  recall(
    hidden: Float32Array,
    cosines: Float32Array,
    { next, own }: Neighbours,
  ): Recalled | undefined {
    const { sharpness, elsewhere, firstText } = this;
    const scoreOf = (i: number) =>
      sharpness * cosines[i]! + (i < own ? 0 : elsewhere);
    let largest = -Infinity;
    for (let i = 0; i < next.length; i++)
      if (next[i]! >= firstText) largest = Math.max(largest, scoreOf(i));
    if (largest === -Infinity) return undefined;

    let sum = 0;
    let squares = 0;
    const weights = new Map<number, number>();
    for (let i = 0; i < next.length; i++) {
      const below = scoreOf(i) - largest;
      if (below < -leastExponent || next[i]! < firstText) continue;
      const weight = Math.exp(below);
      sum += weight;
      squares += weight * weight;
      weights.set(next[i]!, (weights.get(next[i]!) ?? 0) + weight);
    }
    for (const [token, weight] of weights) weights.set(token, weight / sum);
    const facts = [
      1,
      largest / sharpness,
      squares / (sum * sum),
      (largest + Math.log(sum)) / 10,
    ];
    const score = dot(this.share, facts) + dot(this.shareWeight, hidden);
    return { share: 1 / (1 + Math.exp(-score)), tokens: weights };
  }
}

function dot(a: Float32Array, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The mixture of other sources' probabilities, [V], with what neighbours expect, as a new array. */
export function mixRecalled(
  probabilities: Float32Array,
  { share, tokens }: Recalled,
): Float32Array {
  const mixed = new Float32Array(probabilities.length);
  const rest = 1 - share;
  for (let token = 0; token < mixed.length; token++)
    mixed[token] = probabilities[token]! * rest;
  for (const [token, probability] of tokens)
    mixed[token]! += share * probability;
  return mixed;
}
