import type { Continuation } from "../../runtime/continuation";
import { bytesOfText, type Tokenizer } from "../../tokenizer/tokenizer";
import type { TimeBudget } from "../timeBudget";
import type { NameCandidate } from "./candidates";
import { likeliestFirst, type Guess } from "./guesses";
import { namedHypothesis, ownHypothesis, type Hypothesis } from "./hypotheses";
import { isBehind, type Position, type RankedWord } from "./ranking";

/** A way in which the word at the cursor may go on, with all that it is ranked by. */
export interface Word extends RankedWord, Hypothesis {}

/** The words at a position. */
export interface Words {
  readonly run: readonly Word[];
  /** Those that are clearly less likely and were not run; `logProbability` is an estimate. */
  readonly behind: readonly RankedWord[];
}

/** When names are no longer run. */
export interface RunOptions {
  readonly signal: AbortSignal;
  readonly timeBudget: Pick<TimeBudget, "affords">;
  /** Given: names are not run that are clearly less likely there than another word. */
  readonly position?: Position | undefined;
}

/** Runs of the network that are left for the text behind a name, where time is short. */
const runsBehind = 2;
/**
 * Natural logarithm of the probability of a name after its first token, where it is not run: as likely as
 * names are on average that are clearly behind (1,174 runs in validation projects).
 */
const usualRest = -1.8;

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
  { signal, timeBudget, position }: RunOptions,
): Promise<Words> {
  const own = await ownHypothesis(continuation, tokenizer, prefix);
  const restOf = ({ name }: NameCandidate) =>
    bytesOfText(name.slice(typed.length));
  const ofOwn =
    own &&
    guesses.find(
      ({ candidate }) => Buffer.compare(own.rest, restOf(candidate)) === 0,
    )?.candidate;
  const wordOf = (candidate: NameCandidate | undefined, of: Hypothesis) => ({
    ...of,
    candidate,
    isOwn: of === own,
    isComplete: candidate?.name === typed,
  });
  const run: Word[] = own ? [wordOf(ofOwn, own)] : [];
  const behind: RankedWord[] = [];
  for (const { candidate, firstToken } of likeliestFirst(guesses)) {
    signal.throwIfAborted();
    if (candidate === ofOwn) continue;
    const unrun = {
      candidate,
      logProbability: firstToken,
      isOwn: false,
      isComplete: candidate.name === typed,
    };
    if (position && isBehind(unrun, run, position))
      behind.push({ ...unrun, logProbability: firstToken + usualRest });
    else if (timeBudget.affords(1 + runsBehind)) {
      const rest = restOf(candidate);
      const made = await namedHypothesis(continuation, tokenizer, prefix, rest);
      run.push(wordOf(candidate, made));
    }
  }
  return { run, behind };
}
