import weights from "./nameWeights.json";
import type { NameCandidate } from "./candidates";

/** What a word's end is ranked by. */
export interface RankedWord {
  /** Undefined for the network's own word, where it stands nowhere. */
  readonly candidate: NameCandidate | undefined;
  /** By the network, with the word's end. */
  readonly logProbability: number;
  /** Whether it is the one that the network would write by itself. */
  readonly isOwn: boolean;
  /** Whether nothing is added to what is typed. */
  readonly isComplete: boolean;
}

/** Features of a word; their weights are fitted on validation projects (`bench/names.ts`, `training/fit_names.py`). */
export function featuresOf(word: RankedWord): number[] {
  const { candidate, logProbability, isOwn, isComplete } = word;
  const distance = candidate?.distance ?? Infinity;
  return [
    logProbability,
    Number(isOwn),
    Number(isComplete),
    Number(candidate === undefined),
    Math.log1p(candidate?.before ?? 0),
    Math.log1p(candidate?.after ?? 0),
    Number((candidate?.elsewhere ?? 0) > 0),
    Number.isFinite(distance) ? Math.log1p(distance) / 10 : 0,
    Number(Number.isFinite(distance)),
  ];
}

/** Features of "none of them": letters typed, and the best that the network knows. */
export function noneFeatures(
  typedLength: number,
  words: readonly RankedWord[],
): number[] {
  const best = Math.max(...words.map(({ logProbability }) => logProbability));
  return [1, Math.log(typedLength), best, Math.log(words.length)];
}

/**
 * The likeliest word and the probability that it is right, 0 … 1: a softmax over the words and none
 * of them (multinomial logit), so that the probability is one as long as the weights fit.
 */
export function likeliest<W extends RankedWord>(
  words: readonly W[],
  typedLength: number,
): { word: W; probability: number } | undefined {
  if (words.length === 0) return undefined;
  const scores = words.map((word) => dot(featuresOf(word), weights.word));
  const none = dot(noneFeatures(typedLength, words), weights.none);
  const greatest = Math.max(none, ...scores);
  const shares = scores.map((score) => Math.exp(score - greatest));
  const all = shares.reduce((sum, share) => sum + share, 0);
  const best = shares.indexOf(Math.max(...shares));
  return {
    word: words[best]!,
    probability: shares[best]! / (all + Math.exp(none - greatest)),
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
