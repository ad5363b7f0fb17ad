import { softmax } from "./sampling";
import type { Weights } from "./weights";

/** A token that followed an earlier occurrence of what stands at the end of the text now. */
export interface Candidate {
  readonly token: number;
  /** How many tokens before it equal the last tokens of the text; the best over all occurrences. */
  readonly length: number;
  /** Occurrences seen that were followed by this token. */
  readonly count: number;
}

/**
 * Mixes what the model expects with what copying offers (pointer mixture networks, arXiv
 * 1711.09573): p = softmax([0, s₁ … s_n]) over {the model, candidate 1 … n}, where
 *   s_i = W[length bucket] · hidden + length bias + rank bias + count bias + α · log p_model(candidate).
 *
 * The gate stands outside the recurrent network: it reads the hidden state and changes no state.
 */
export class CopyGate {
  /** [buckets, width], row by row. */
  private readonly weight: Float32Array;
  private readonly length: Float32Array;
  private readonly rank: Float32Array;
  private readonly count: Float32Array;
  private readonly alpha: number;

  /**
   * @param weights tensors `gate.*` as `training/` exports them
   * @param width of the model's hidden state
   * @throws Error if a tensor is missing or has another shape
   */
  constructor(weights: Weights, width: number) {
    const shapes = {
      weight: [12, width],
      length: [12],
      rank: [4],
      count: [4],
      alpha: [1],
    };
    for (const [name, shape] of Object.entries(shapes)) {
      const dims = weights.dims(`gate.${name}`);
      if (dims.join() !== shape.join()) {
        throw new Error(
          `gate.${name} has the shape [${dims.join()}] instead of [${shape.join()}]`,
        );
      }
    }
    this.weight = weights.float32("gate.weight");
    this.length = weights.float32("gate.length");
    this.rank = weights.float32("gate.rank");
    this.count = weights.float32("gate.count");
    this.alpha = weights.float32("gate.alpha")[0]!;
  }

  /**
   * Probabilities of the next token, [V].
   *
   * @param logits of the model, [V]
   * @param hidden what the head has read, [D]
   * @param candidates at most as many as the gate has ranks, best first
   */
  mix(
    logits: Float32Array,
    hidden: Float32Array,
    candidates: readonly Candidate[],
  ): Float32Array {
    const probabilities = softmax(logits);
    if (candidates.length === 0) return probabilities;
    const scores = candidates.map(({ token, length, count }, rank) => {
      const bucket = lengthBucket(length);
      const logP = Math.log(Math.max(probabilities[token]!, 1e-30));
      return (
        this.rowTimes(bucket, hidden) +
        this.length[bucket]! +
        this.rank[rank]! +
        this.count[countBucket(count)]! +
        this.alpha * logP
      );
    });
    const [model, ...copies] = softmax(Float32Array.of(0, ...scores));
    for (let token = 0; token < probabilities.length; token++)
      probabilities[token]! *= model!;
    candidates.forEach(({ token }, i) => (probabilities[token]! += copies[i]!));
    return probabilities;
  }

  private rowTimes(row: number, hidden: Float32Array): number {
    let sum = 0;
    for (let i = 0; i < hidden.length; i++) {
      sum += this.weight[row * hidden.length + i]! * hidden[i]!;
    }
    return sum;
  }
}

/** 1 … 8 each on its own, then 9–12, 13–16, 17–24 and longer. */
function lengthBucket(length: number): number {
  if (length <= 8) return length - 1;
  if (length <= 12) return 8;
  if (length <= 16) return 9;
  return length <= 24 ? 10 : 11;
}

/** 1, 2, 3–4, 5 and more. */
function countBucket(count: number): number {
  if (count <= 2) return count - 1;
  return count <= 4 ? 2 : 3;
}
