import type { Continuation } from "../../runtime/continuation";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { NameCandidate } from "./candidates";
import { firstTokens } from "./hypotheses";
import { firstGuess, type Position, type RankedWord } from "./ranking";

/**
 * Most longer names for which the network is run, and how much less likely than the best one their first
 * guess may be, as a natural logarithm. With 8 names and no such limit the right name is not first more
 * often, and nearly twice as many runs are needed.
 */
const maxCandidates = 6;
const maxBehind = 4;
/** Most names that are tokenised to look up the probability of their first token. */
const maxTokenised = 96;

/** A candidate before it is run. */
export interface Guess {
  readonly candidate: NameCandidate;
  /** How likely it is, as a natural logarithm up to a constant. */
  readonly score: number;
  /** Natural logarithm of the network's probability of its first token. */
  readonly firstToken: number;
}

/** The candidates that are worth a run: the complete name, and the likeliest of the longer ones. */
export function worthRunning(
  continuation: Continuation,
  tokenizer: Tokenizer,
  prefix: Uint8Array,
  candidates: readonly NameCandidate[],
  position: Position,
  most = maxCandidates,
  behind = maxBehind,
): Guess[] {
  const isComplete = ({ name }: NameCandidate) =>
    name.length === position.typedLength;
  const guess = (
    names: readonly NameCandidate[],
    first: readonly number[] = [],
  ): Guess[] =>
    names.map((candidate, i) => {
      const firstToken = first[i] ?? 0;
      const score = firstGuess(
        candidate,
        isComplete(candidate),
        position,
        firstToken,
      );
      return { candidate, score, firstToken };
    });
  const complete = candidates.filter(isComplete);
  const longer = candidates.filter((candidate) => !isComplete(candidate));
  // After one letter, a long file has more names than there is time to tokenise.
  const looked = [
    ...complete,
    ...likeliestFirst(guess(longer))
      .slice(0, maxTokenised)
      .map(({ candidate }) => candidate),
  ];
  const first = firstTokens(
    continuation,
    tokenizer,
    prefix,
    looked.map(({ name }) => name.slice(position.typedLength)),
  );
  const guesses = guess(looked, first);
  return [
    ...guesses.slice(0, complete.length),
    ...likeliestFirst(guesses.slice(complete.length))
      .slice(0, most)
      .filter(({ score }, _, [best]) => score >= best!.score - behind),
  ];
}

/** In the order in which they are run, where there may be no time for all. */
export function likeliestFirst(guesses: readonly Guess[]): Guess[] {
  return guesses.toSorted((a, b) => b.score - a.score);
}

/**
 * The probability that the right word is among those that were run, as far as that was guessed
 * before: 1 where all were. How likely a word is among them counts no more than that.
 *
 * @param ownScore the guess for the network's own word, where that is no candidate
 */
export function shareRun<W extends Pick<RankedWord, "candidate">>(
  guesses: readonly Guess[],
  words: readonly W[],
  ownScore: (own: W) => number,
): number {
  const wasRun = ({ candidate }: Guess) =>
    words.some((word) => word.candidate === candidate);
  const missed = guesses.filter((guess) => !wasRun(guess));
  if (missed.length === 0) return 1;
  const own = words.filter(({ candidate }) => candidate === undefined);
  const scores = [
    ...guesses.filter(wasRun).map(({ score }) => score),
    ...own.map(ownScore),
  ];
  const greatest = Math.max(...missed.map(({ score }) => score), ...scores);
  const sum = (some: readonly number[]) =>
    some.reduce((total, score) => total + Math.exp(score - greatest), 0);
  const run = sum(scores);
  return run / (run + sum(missed.map(({ score }) => score)));
}
