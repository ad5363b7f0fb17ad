import type { Continuation, Mark } from "../../runtime/continuation";
import { bytesOfText, type Tokenizer } from "../../tokenizer/tokenizer";
import {
  isMemberPlace,
  nameAtStart,
  nameCandidates,
  namesElsewhere,
  typedName,
  type NameCandidate,
  type ProjectNames,
} from "./candidates";
import { commonWords } from "./commonWords";
import {
  firstTokens,
  namedHypothesis,
  ownHypothesis,
  type Hypothesis,
} from "./hypotheses";
import { namedImport } from "./namedImport";
import {
  firstGuess,
  likeliest,
  positionOf,
  type Position,
  type RankedWord,
} from "./ranking";

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
    const isComplete = candidate.name === typed;
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

/**
 * Most longer names for which the network is run, and how much less likely than the best one their first
 * guess may be, as a natural logarithm. With 8 names and no such limit the right name is not first more
 * often, and nearly twice as many runs are needed.
 */
const maxCandidates = 6;
const maxBehind = 4;
/** Most names that are tokenised to look up the probability of their first token. */
const maxTokenised = 96;

/** The candidates that are worth a run: the complete name, and the likeliest of the longer ones. */
export function worthRunning(
  continuation: Continuation,
  tokenizer: Tokenizer,
  prefix: Uint8Array,
  candidates: readonly NameCandidate[],
  position: Position,
  most = maxCandidates,
  behind = maxBehind,
): NameCandidate[] {
  const isComplete = ({ name }: NameCandidate) =>
    name.length === position.typedLength;
  // After one letter, a long file has more names than there is time to tokenise.
  const longer = likeliestFirst(
    candidates.filter((candidate) => !isComplete(candidate)),
    (candidate) => firstGuess(candidate, false, position, 0),
  )
    .slice(0, maxTokenised)
    .map(({ item }) => item);
  const first = firstTokens(
    continuation,
    tokenizer,
    prefix,
    longer.map(({ name }) => name.slice(position.typedLength)),
  );
  const guesses = likeliestFirst(longer, (candidate, i) =>
    firstGuess(candidate, false, position, first[i]!),
  )
    .slice(0, most)
    .filter(({ score }, _, [best]) => score >= best!.score - behind);
  return [...candidates.filter(isComplete), ...guesses.map(({ item }) => item)];
}

function likeliestFirst<T>(
  items: readonly T[],
  scoreOf: (item: T, i: number) => number,
): { item: T; score: number }[] {
  return items
    .map((item, i) => ({ item, score: scoreOf(item, i) }))
    .sort((a, b) => b.score - a.score);
}

/** The end of the name at the cursor. */
export interface NamedStart {
  /** What is added to the typed name. */
  readonly text: string;
  /** Natural logarithm of the probability that it is right. */
  readonly logProbability: number;
  /** The position behind it. */
  readonly mark: Mark;
  /** Whether it stands somewhere, or is a word of the language. */
  readonly isKnown: boolean;
}

/**
 * The likeliest end of a name that is typed in part, among the names of the file and of others and
 * the network's own spelling; undefined where no name is typed or none is known.
 */
export async function completeName(
  continuation: Continuation,
  tokenizer: Tokenizer,
  prefix: Uint8Array,
  sources: NameSources,
  signal: AbortSignal,
): Promise<NamedStart | undefined> {
  const typed = typedName(sources.before);
  // Healing takes off at least the end of a name; where it took off nothing, there is none.
  if (prefix.length === 0) return undefined;
  if (typed === "" && !isMemberPlace({ typed, ...sources })) return undefined;
  const editorMembers = await sources.editorMembers;
  signal.throwIfAborted();
  const { candidates, position } = namesAt(typed, sources, editorMembers);
  const tried = worthRunning(
    continuation,
    tokenizer,
    prefix,
    candidates,
    position,
  );
  const words = await wordsAt(
    continuation,
    tokenizer,
    prefix,
    typed,
    tried,
    signal,
  );
  const best = likeliest(stillFree(words, sources.taken ?? []), position);
  if (best === undefined) return undefined;
  return {
    text: Buffer.from(best.word.rest).toString(),
    logProbability: Math.log(best.probability),
    mark: best.word.mark,
    isKnown: best.word.candidate !== undefined,
  };
}

/** The names that the typed one may become, what is typed first. */
export function namesAt(
  typed: string,
  {
    languageId,
    before,
    after,
    names,
    projectNames,
  }: Omit<NameSources, "editorMembers">,
  editorMembers?: ReadonlySet<string>,
): { candidates: NameCandidate[]; position: Position } {
  const place = { typed, before, after };
  const isMember = isMemberPlace(place);
  const project =
    projectNames?.({
      typed,
      member: isMember,
      from: namedImport(place, languageId),
    }) ?? [];
  const common = isMember ? [] : commonWords(languageId, typed);
  const elsewhere = namesElsewhere(typed, names, project, common);
  const candidates = nameCandidates(place, elsewhere, editorMembers);
  return { candidates, position: positionOf(place, candidates) };
}

/**
 * The words with which an alternative may begin: known names that no earlier text begins with; if there
 * are none, a name of an earlier text, after which the alternative goes on differently. The typed name
 * by itself does not count.
 */
function stillFree(words: readonly Word[], taken: readonly string[]): Word[] {
  if (taken.length === 0) return [...words];
  const known = words.filter(
    ({ candidate, isComplete }) => candidate !== undefined && !isComplete,
  );
  const names = taken.map((text) => nameAtStart.exec(text)?.[0]);
  const free = known.filter(
    ({ rest }) => !names.includes(Buffer.from(rest).toString()),
  );
  return free.length > 0 ? free : known;
}

/** Where names are looked for. */
export interface NameSources {
  readonly languageId: string;
  /** The text before the cursor, and after it. */
  readonly before: string;
  readonly after: string;
  /** The names of each other open file. */
  readonly names: readonly ReadonlySet<string>[];
  /** Texts that were suggested already: the name must not be one of theirs. */
  readonly taken?: readonly string[];
  /** The names of the project that may stand at a place. */
  readonly projectNames?: ProjectNames | undefined;
  /** The members that the editor knows of what stands before the name. */
  readonly editorMembers?: Promise<ReadonlySet<string>> | undefined;
}
