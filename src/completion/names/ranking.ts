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

/** What is common to all words of one position. */
export interface Position {
  /** Letters of the name that are typed. */
  readonly typedLength: number;
  /** How many longer names that stand somewhere begin like that. */
  readonly longerNames: number;
}

/** Features of a word; their weights are fitted on validation projects (`bench/names.ts`, `training/fit_names.py`). */
export function featuresOf(
  { candidate, logProbability, isOwn, isComplete }: RankedWord,
  { typedLength, longerNames }: Position,
): number[] {
  const distance = candidate?.distance ?? Infinity;
  const isLonger = candidate !== undefined && !isComplete;
  const typed = Math.log(typedLength);
  return [
    logProbability,
    Number(isOwn),
    Number(isComplete),
    Number(candidate === undefined),
    Math.log1p(candidate?.before ?? 0),
    Math.log1p(candidate?.after ?? 0),
    Number((candidate?.elsewhere ?? 0) > 0),
    Math.log1p(candidate?.elsewhere ?? 0),
    Number.isFinite(distance) ? Math.log1p(distance) / 10 : 0,
    Number(Number.isFinite(distance)),
    // The more is typed, the more a name that agrees with it says.
    isLonger ? typed : 0,
    typed * logProbability,
    isComplete ? typed : 0,
    isLonger ? Math.log(Math.max(longerNames, 1)) : 0,
  ];
}

/** The position that some words were found at. */
export function positionOf(
  words: readonly RankedWord[],
  typedLength: number,
): Position {
  const longer = words.filter(
    ({ candidate, isComplete }) => candidate !== undefined && !isComplete,
  );
  return { typedLength, longerNames: longer.length };
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
  const position = positionOf(words, typedLength);
  const scores = words.map((word) =>
    dot(featuresOf(word, position), weights.word),
  );
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
