import { boundedTensor } from "./boundedTensor";
import { countBucket, lengthBucket, type Candidate } from "./gate";
import type { Recalled } from "./neighbourGate";
import type { Ngram } from "./ngramTable";
import { rowTimes } from "./rowTimes";
import { softmax } from "./sampling";
import type { Weights } from "./weights";

/** Tokens that are scored, the likeliest ones. */
const scored = 24;
/** Numbers that are known of each of them, and of the position. */
const tokenFacts = 10;
const positionFacts = 5;
/** The most units of the hidden layer: each is computed for every scored token. */
const widest = 256;
/** They keep logarithms finite: of probabilities, of those by the neighbours, of how unsure, of a share. */
const [least, leastRecalled, leastUnsure, leastShare] = [
  1e-12, 1e-5, 1e-3, 1e-4,
];
/** The logarithm of the largest distance. */
const farthest = 9;

/** A tensor that a model with a reranker has. */
export const rerankerWeight = "reranker.token";

/** The tokens before a position. */
export interface TokensBefore {
  readonly length: number;
  /** The latest index of a token; −1 if it is not among them. */
  latest(token: number): number;
}

/** What a position's mixture was made of, and what stands before it. */
export interface Opinions {
  /** The network's probabilities, [V]. */
  readonly network: Float32Array;
  /** Absent where there are no neighbours. */
  readonly recalled: Recalled | undefined;
  readonly copies: readonly Candidate[];
  readonly ngrams: readonly Ngram[];
  readonly before: TokensBefore;
}

/**
 * Corrects the mixture of all sources by a last look at its 24 likeliest tokens, at each by all that is
 * known of it (secondary estimation as in M. Mahoney, "Adaptive Weighing of Context Models", 2005, with a
 * learned scorer of one hidden layer in place of a table):
 *
 *   score_k = a log p_k + u · silu(W x_k + V g);  score_rest = log p_rest + r · g;  p' = softmax(score)
 *
 * x_k are facts of a token: the logarithms of its probabilities in the mixture, by the network and by the
 * neighbours, how long ago it last came, how many neighbours offer it, its copy's length, count and
 * whether it is from another file alone, its n-gram's order and confidence. g are facts of the position:
 * 1, how unsure the mixture is, the neighbours' share, the number of tokens before it, log p_rest. All
 * other tokens keep their probabilities relative to one another.
 */
export class Reranker {
  private readonly hidden: number;
  private readonly token: Float32Array;
  private readonly position: Float32Array;
  private readonly output: Float32Array;
  private readonly scale: number;
  private readonly rest: Float32Array;

  /**
   * @param weights tensors `reranker.*` as `training/` exports them: W [H, 10], V [H, 5], u [H], a [1], r [5]
   * @param firstText ids below this are special tokens, of which nothing is known before the position
   * @throws Error if a tensor is missing, has another shape or unusable values
   */
  constructor(
    weights: Weights,
    private readonly firstText: number,
  ) {
    const [hidden = 0] = weights.dims(rerankerWeight);
    if (!(hidden >= 1 && hidden <= widest))
      throw new Error(`${rerankerWeight} has ${hidden} rows`);
    const read = (name: string, length: number) =>
      boundedTensor(weights, `reranker.${name}`, length);
    this.hidden = hidden;
    this.token = read("token", hidden * tokenFacts);
    this.position = read("position", hidden * positionFacts);
    this.output = read("output", hidden);
    this.scale = read("scale", 1)[0]!;
    this.rest = read("rest", positionFacts);
  }

  /**
   * The corrected probabilities, as a new array.
   *
   * @param mixture the probabilities by all sources, [V]
   */
  rerank(mixture: Float32Array, opinions: Opinions): Float32Array {
    const { tokens, rest } = likeliest(mixture, scored);
    const share = opinions.recalled?.share ?? 0;
    const position = Float32Array.of(
      1,
      Math.log(Math.max(0, 1 - mixture[tokens[0]!]!) + leastUnsure),
      Math.log(share + leastShare),
      Math.log(Math.max(1, opinions.before.length)) / 5,
      Math.log(rest + least) / 4,
    );
    const start = new Float32Array(this.hidden);
    for (let unit = 0; unit < this.hidden; unit++)
      start[unit] = rowTimes(this.position, unit, position);
    const scores = new Float32Array(tokens.length + 1);
    const facts = new Float32Array(tokenFacts);
    for (const [k, token] of tokens.entries()) {
      this.see(facts, token, mixture, opinions);
      scores[k] = this.score(facts, start);
    }
    // Where nothing is left there is nothing that a share could go to.
    scores[tokens.length] =
      rest > 0
        ? Math.log(rest + least) + rowTimes(this.rest, 0, position)
        : -Infinity;
    const shares = softmax(scores);
    const factor = rest > 0 ? shares[tokens.length]! / rest : 0;
    const reranked = new Float32Array(mixture.length);
    for (let token = 0; token < mixture.length; token++)
      reranked[token] = mixture[token]! * factor;
    for (const [k, token] of tokens.entries()) reranked[token] = shares[k]!;
    return reranked;
  }

  /** Writes what is known of a token. */
  private see(
    facts: Float32Array,
    token: number,
    mixture: Float32Array,
    { network, recalled, copies, ngrams, before }: Opinions,
  ): void {
    const latest = token < this.firstText ? -1 : before.latest(token);
    const copy = copies.find((copy) => copy.token === token);
    const ngram = ngrams.find((ngram) => ngram.token === token);
    facts[0] = Math.log(mixture[token]! + least);
    facts[1] = Math.log(network[token]! + least);
    facts[2] = Math.log((recalled?.probabilities[token] ?? 0) + leastRecalled);
    facts[3] =
      (latest < 0
        ? farthest
        : Math.min(farthest, Math.log(before.length - latest))) / 3;
    facts[4] = Math.log1p(recalled?.counts[token] ?? 0);
    facts[5] = copy ? (1 + lengthBucket(copy.length)) / 4 : 0;
    facts[6] = copy ? (1 + countBucket(copy.count)) / 4 : 0;
    facts[7] = copy?.isElsewhere ? 1 : 0;
    facts[8] = ngram ? (1 + ngram.order) / 4 : 0;
    facts[9] = ngram ? (1 + ngram.confidenceBucket) / 16 : 0;
  }

  private score(facts: Float32Array, start: Float32Array): number {
    const { token, output } = this;
    let score = this.scale * facts[0]!;
    for (let unit = 0; unit < start.length; unit++) {
      const sum = start[unit]! + rowTimes(token, unit, facts);
      score += (output[unit]! * sum) / (1 + Math.exp(-sum));
    }
    return score;
  }
}

/** The tokens of the largest probabilities, the largest first, and the sum of all others' probabilities. */
function likeliest(
  probabilities: Float32Array,
  most: number,
): { tokens: Int32Array; rest: number } {
  const tokens = new Int32Array(Math.min(most, probabilities.length));
  let found = 0;
  let last = -1;
  let rest = 0;
  for (let token = 0; token < probabilities.length; token++) {
    const p = probabilities[token]!;
    if (p <= last) {
      rest += p;
      continue;
    }
    if (found === tokens.length) rest += last;
    else found++;
    let at = found - 1;
    for (; at > 0 && probabilities[tokens[at - 1]!]! < p; at--)
      tokens[at] = tokens[at - 1]!;
    tokens[at] = token;
    if (found === tokens.length) last = probabilities[tokens[found - 1]!]!;
  }
  return { tokens, rest };
}
