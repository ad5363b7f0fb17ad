import type { Continuation } from "../../runtime/continuation";
import { bytesOfText, type Tokenizer } from "../../tokenizer/tokenizer";
import type { TimeBudget } from "../timeBudget";
import type { NameCandidate } from "./candidates";
import { likeliestFirst, type Guess } from "./guesses";
import { namedHypothesis, ownHypothesis, type Hypothesis } from "./hypotheses";
import type { RankedWord } from "./ranking";

/** A way in which the word at the cursor may go on, with all that it is ranked by. */
export interface Word extends RankedWord, Hypothesis {}

/** When names are no longer run. */
export interface RunOptions {
  readonly signal: AbortSignal;
  readonly timeBudget: Pick<TimeBudget, "affords">;
}

/** Runs of the network that are left for the text behind a name, where time is short. */
const runsBehind = 2;

/**
 * The words that the typed name may become: the candidates that there is time for, and the network's
 * own.
 *
 * @param prefix bytes that are typed and were taken off again by healing
 * @param typed the whole typed name
 * @param guesses the candidates; each costs a run of the network
 * @throws the signal's reason when it is aborted
 */
export async function wordsAt(
  continuation: Continuation,
  tokenizer: Tokenizer,
  prefix: Uint8Array,
  typed: string,
  guesses: readonly Guess[],
  { signal, timeBudget }: RunOptions,
): Promise<Word[]> {
  const own = await ownHypothesis(continuation, tokenizer, prefix);
  const run = new Map<NameCandidate, Hypothesis>();
  for (const { candidate } of likeliestFirst(guesses)) {
    signal.throwIfAborted();
    const rest = bytesOfText(candidate.name.slice(typed.length));
    if (own !== undefined && Buffer.compare(own.rest, rest) === 0)
      run.set(candidate, own);
    else if (timeBudget.affords(1 + runsBehind))
      run.set(
        candidate,
        await namedHypothesis(continuation, tokenizer, prefix, rest),
      );
  }
  const words = guesses.flatMap(({ candidate }): Word[] => {
    const hypothesis = run.get(candidate);
    if (hypothesis === undefined) return [];
    const isOwn = hypothesis === own;
    const isComplete = candidate.name === typed;
    return [{ ...hypothesis, candidate, isOwn, isComplete }];
  });
  if (own !== undefined && !words.some(({ isOwn }) => isOwn))
    words.push({
      ...own,
      candidate: undefined,
      isOwn: true,
      isComplete: false,
    });
  return words;
}
