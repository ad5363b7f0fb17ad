import { boundedTensor } from "./boundedTensor";
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
  /** Probability of each token, [V]. */
  readonly probabilities: Float32Array;
  /** How many of them offer each token, [V]. */
  readonly counts: Int32Array;
}

/**
 * A continuous cache (E. Grave et al., arXiv 1612.04426; with a learned vector, a learned share and other
 * files as in U. Khandelwal et al., arXiv 1911.00172): each earlier token offers the one that followed it,
 * weighed by how like the network's hidden state was there to what it is here.
 *
 *   s_i = θ · cosine_i + e, e for those of other texts alone; w = softmax(s)
 *   share = σ(b₀ + v · hidden + b₁ max s_i / θ + b₂ Σ w_i² + b₃ log Σ exp(s_i) / 10
 *             + b₄ log(1 − max p_others + 0.001) + b₅ Σ w_i [next_i = the others' likeliest])
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
   * @throws Error if a tensor is missing, has another shape or unusable values
   */
  constructor(
    weights: Weights,
    width: number,
    private readonly firstText: number,
  ) {
    const read = (name: string, length: number) =>
      boundedTensor(weights, `neighbours.${name}`, length);
    this.sharpness = read("sharpness", 1)[0]!;
    this.elsewhere = read("elsewhere", 1)[0]!;
    this.shareWeight = read("share_weight", width);
    this.share = read("share", 6);
    if (this.sharpness <= 0)
      throw new Error("neighbours.sharpness is not above 0");
  }

  /**
   * What the neighbours expect next; undefined if none offers a token.
   *
   * @param hidden the hidden state, [D]
   * @param similarities exp(θ (cosine − 1)) of the present vector with each neighbour's, [N]
   * @param others the mixture of the other sources' probabilities, [V]: where they are sure, and the
   *   neighbours say otherwise, these get a small share
   */
  recall(
    hidden: Float32Array,
    similarities: Float32Array,
    { next, own }: Pick<Neighbours, "next" | "own">,
    others: Float32Array,
  ): Recalled | undefined {
    const { sharpness, firstText } = this;
    // All weights times e^−θ, which leaves their shares as they are.
    const factor = Math.exp(this.elsewhere);
    const weights = new Float32Array(others.length);
    const counts = new Int32Array(others.length);
    let sum = 0;
    let squares = 0;
    let largest = 0;
    for (let i = 0; i < next.length; i++) {
      const token = next[i]!;
      if (token < firstText) continue;
      const weight = similarities[i]! * (i < own ? 1 : factor);
      weights[token]! += weight;
      counts[token]!++;
      sum += weight;
      squares += weight * weight;
      if (weight > largest) largest = weight;
    }
    if (sum === 0) return undefined;
    let likeliest = 0;
    for (let token = 0; token < others.length; token++) {
      weights[token]! /= sum;
      if (others[token]! > others[likeliest]!) likeliest = token;
    }
    const facts = [
      1,
      Math.log(largest) / sharpness + 1,
      squares / (sum * sum),
      (Math.log(sum) + sharpness) / 10,
      // Rounding may make a probability a little larger than 1.
      Math.log(Math.max(0, 1 - others[likeliest]!) + 1e-3),
      weights[likeliest]!,
    ];
    const score = dot(this.share, facts) + dot(this.shareWeight, hidden);
    const share = 1 / (1 + Math.exp(-score));
    return { share, probabilities: weights, counts };
  }
}

function dot(a: Float32Array, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The mixture of other sources' probabilities, [V], with what neighbours expect, as a new array. */
export function mixRecalled(
  others: Float32Array,
  { share, probabilities }: Recalled,
): Float32Array {
  // A callback for each of the thousands would make an object of each product.
  const mixed = new Float32Array(others.length);
  for (let token = 0; token < mixed.length; token++)
    mixed[token] = (1 - share) * others[token]! + share * probabilities[token]!;
  return mixed;
}
