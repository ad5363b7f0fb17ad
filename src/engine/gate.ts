import type { Ngram } from "./ngramTable";
import { rowTimes } from "./rowTimes";
import { softmax } from "./sampling";
import type { Weights } from "./weights";

/** A token that followed an earlier occurrence of the text's last tokens. */
export interface Candidate {
  readonly token: number;
  /** Number of tokens before it that equal the last tokens of the text; the most over all occurrences. */
  readonly length: number;
  /** Number of occurrences that this token followed. */
  readonly count: number;
  /** Whether all of them are in other files. */
  readonly isElsewhere: boolean;
}

/**
 * Mixes the network's distribution with copy candidates and n-grams (pointer mixture
 * networks, arXiv 1711.09573): p = softmax([0, s₁ … s_n]) over {network, candidate 1 … n}, where
 *   copy:   s_i = W[length bucket] · hidden + length bias + rank bias + count bias + α · log p_network
 *           (+ v · hidden + length bias' for one from another file),
 *   n-gram: s_i = W'[order] · hidden + bias[order, confidence bucket] + rank bias + α' · log p_network.
 *
 * The gate stands outside the recurrent network: it reads the hidden state and changes no state.
 */
export class Gate {
  private readonly copy: Record<
    "length" | "rank" | "count" | "elsewhere" | "alpha",
    Float32Array
  >;
  private readonly copyWeight: Float32Array | undefined;
  private readonly elsewhereWeight: Float32Array | undefined;
  private readonly ngram:
    Record<"weight" | "bias" | "rank" | "alpha", Float32Array> | undefined;

  /**
   * @param weights tensors `gate.*` and, where there is a table, `ngram.*`, as `training/` exports them;
   *   without `gate.weight` copies are weighted without the hidden state
   * @param width of the network's hidden state
   * @throws Error if a tensor is missing or has another shape
   */
  constructor(weights: Weights, width: number) {
    const read = (name: string, ...shape: number[]) => {
      const dims = weights.dims(name);
      if (dims.join() !== shape.join()) {
        throw new Error(
          `${name} has the shape [${dims.join()}] instead of [${shape.join()}]`,
        );
      }
      return weights.float32(name);
    };
    if (weights.has("gate.weight"))
      this.copyWeight = read("gate.weight", 12, width);
    if (weights.has("gate.elsewhere_weight"))
      this.elsewhereWeight = read("gate.elsewhere_weight", width);
    this.copy = {
      length: read("gate.length", 12),
      rank: read("gate.rank", weights.dims("gate.rank")[0] ?? 0),
      count: read("gate.count", 4),
      // Absent if the gate was not trained with copies from other files.
      elsewhere: weights.has("gate.elsewhere")
        ? read("gate.elsewhere", 12)
        : new Float32Array(12),
      alpha: read("gate.alpha", 1),
    };
    this.ngram = weights.has("ngram.weight")
      ? {
          weight: read("ngram.weight", 4, width),
          bias: read("ngram.bias", 4, 32),
          rank: read("ngram.rank", 4),
          alpha: read("ngram.alpha", 1),
        }
      : undefined;
  }

  /** The largest number of copies that can be mixed in. */
  get copies(): number {
    return this.copy.rank.length;
  }

  /**
   * The mixed probabilities of the next token, [V].
   *
   * @param network the network's probabilities, [V]
   * @param hidden the hidden state, the head's input, [D]
   * @param candidates of the copy indexes, at most `copies`, best first
   * @param ngrams of the table, at most four, longest context first
   */
  mix(
    network: Float32Array,
    hidden: Float32Array,
    candidates: readonly Candidate[],
    ngrams: readonly Ngram[],
  ): Float32Array {
    const offered = this.ngram ? [...candidates, ...ngrams] : candidates;
    if (offered.length === 0) return network;
    const { own, shares } = this.shares(network, hidden, candidates, ngrams);
    // A callback for each of the thousands would make an object of each product.
    const probabilities = new Float32Array(network.length);
    for (let token = 0; token < network.length; token++)
      probabilities[token] = network[token]! * own;
    offered.forEach(({ token }, i) => (probabilities[token]! += shares[i]!));
    return probabilities;
  }

  /**
   * The weights of the mixture, for the parameters of {@link mix}: that of the network, then that of
   * each copy and n-gram. They add up to 1.
   */
  shares(
    network: Float32Array,
    hidden: Float32Array,
    candidates: readonly Candidate[],
    ngrams: readonly Ngram[],
  ): { own: number; shares: Float32Array } {
    const logP = (token: number) => Math.log(Math.max(network[token]!, 1e-30));
    const { copy, copyWeight, ngram } = this;
    const elsewhere =
      this.elsewhereWeight && candidates.some(({ isElsewhere }) => isElsewhere)
        ? rowTimes(this.elsewhereWeight, 0, hidden)
        : 0;
    const scores = candidates.map((candidate, rank) => {
      const { token, length, count, isElsewhere } = candidate;
      const bucket = lengthBucket(length);
      return (
        (copyWeight ? rowTimes(copyWeight, bucket, hidden) : 0) +
        (isElsewhere ? elsewhere + copy.elsewhere[bucket]! : 0) +
        copy.length[bucket]! +
        copy.rank[rank]! +
        copy.count[countBucket(count)]! +
        copy.alpha[0]! * logP(token)
      );
    });
    if (ngram !== undefined) {
      ngrams.forEach(({ token, order, confidenceBucket }, rank) => {
        scores.push(
          rowTimes(ngram.weight, order, hidden) +
            ngram.bias[order * 32 + confidenceBucket]! +
            ngram.rank[rank]! +
            ngram.alpha[0]! * logP(token),
        );
      });
    }
    const all = softmax(Float32Array.of(0, ...scores));
    return { own: all[0]!, shares: all.subarray(1) };
  }
}

/** The bucket of a copy's length: 1 … 8 each on its own, then 9–12, 13–16, 17–24 and longer. */
export function lengthBucket(length: number): number {
  if (length <= 8) return length - 1;
  if (length <= 12) return 8;
  if (length <= 16) return 9;
  return length <= 24 ? 10 : 11;
}

/** The bucket of a copy's count: 1, 2, 3–4, 5 and more. */
export function countBucket(count: number): number {
  if (count <= 2) return count - 1;
  return count <= 4 ? 2 : 3;
}
