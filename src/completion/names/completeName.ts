import type { Continuation, Mark } from "../../runtime/continuation";
import { bytesOfText, type Tokenizer } from "../../tokenizer/tokenizer";
import {
  nameAtStart,
  nameCandidates,
  namesElsewhere,
  typedName,
  type NameCandidate,
} from "./candidates";
import { namedHypothesis, ownHypothesis, type Hypothesis } from "./hypotheses";
import { likeliest, type RankedWord } from "./ranking";

/** A way in which the word at the cursor may go on, with all that it is ranked by. */
export interface Word extends RankedWord, Hypothesis {}

/**
 * The words that the typed name may become: the network's own, and the candidates.
 *
 * @param prefix bytes that are typed and were taken off again by healing
 * @param typed the whole typed name
 * @param candidates the likeliest first; each costs a run of the network
 */
export async function wordsAt(
  continuation: Continuation,
  tokenizer: Tokenizer,
  prefix: Uint8Array,
  typed: string,
  candidates: readonly NameCandidate[],
  signal: AbortSignal,
): Promise<Word[]> {
  const words: Word[] = [];
  const own = await ownHypothesis(continuation, tokenizer, prefix);
  let isKnown = false;
  for (const candidate of candidates) {
    signal.throwIfAborted();
    const rest = bytesOfText(candidate.name.slice(typed.length));
    const isOwn = own !== undefined && Buffer.compare(own.rest, rest) === 0;
    const named = isOwn
      ? own
      : await namedHypothesis(continuation, tokenizer, prefix, rest);
    isKnown ||= isOwn;
    const isComplete = rest.length === 0;
    words.push({ ...named, candidate, isOwn, isComplete });
  }
  if (own !== undefined && !isKnown)
    words.push({
      ...own,
      candidate: undefined,
      isOwn: true,
      isComplete: false,
    });
  return words;
}

/** Candidates that the network looks at; each costs a run of it. */
const maxCandidates = 6;

/** The end of the name at the cursor. */
export interface NamedStart {
  /** What is added to the typed name. */
  readonly text: string;
  /** Natural logarithm of the probability that it is right. */
  readonly logProbability: number;
  /** The position behind it. */
  readonly mark: Mark;
}

/**
 * The likeliest end of a name that is typed in part, among the names of the file and of others and
 * the network's own spelling; undefined where no name is typed or none is known.
 */
export async function completeName(
  continuation: Continuation,
  tokenizer: Tokenizer,
  prefix: Uint8Array,
  { before, after, names, projectNames, taken = [] }: NameSources,
  signal: AbortSignal,
): Promise<NamedStart | undefined> {
  const typed = typedName(before);
  // Healing may go back farther than a name, but never less far than to where it can be told apart.
  if (typed === "" || prefix.length === 0) return undefined;
  const candidates = nameCandidates(
    typed,
    before,
    after,
    namesElsewhere(typed, names, projectNames?.(typed) ?? []),
    maxCandidates,
  );
  const words = await wordsAt(
    continuation,
    tokenizer,
    prefix,
    typed,
    candidates,
    signal,
  );
  const best = likeliest(
    words.filter((word) => !isTaken(word, taken)),
    typed.length,
  );
  if (best === undefined) return undefined;
  return {
    text: Buffer.from(best.word.rest).toString(),
    logProbability: Math.log(best.probability),
    mark: best.word.mark,
  };
}

/** Whether one of some texts has the name; beside those, what is typed is no whole name. */
function isTaken(word: Word, taken: readonly string[]): boolean {
  const end = Buffer.from(word.rest).toString();
  return (
    taken.some((text) => nameAtStart.exec(text)?.[0] === end) ||
    (word.isComplete && taken.length > 0)
  );
}

/** Where names are looked for. */
export interface NameSources {
  /** The text before the cursor, and after it. */
  readonly before: string;
  readonly after: string;
  /** The names of each other open file. */
  readonly names: readonly ReadonlySet<string>[];
  /** The names of the project that begin with what is typed, and in how many files each stands. */
  /** Texts that are known already: the name is to be another one than theirs. */
  readonly taken?: readonly string[];
  readonly projectNames?:
    ((typed: string) => readonly { name: string; files: number }[]) | undefined;
}
