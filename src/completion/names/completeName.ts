import type { Continuation, Mark } from "../../runtime/continuation";
import type { Tokenizer } from "../../tokenizer/tokenizer";
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
import { shareRun, worthRunning, type Guess } from "./guesses";
import { firstTokens } from "./hypotheses";
import { namedImport } from "./namedImport";
import { firstGuess, likeliest, positionOf, type Position } from "./ranking";
import { wordsAt, type RunOptions, type Word } from "./words";

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
  options: RunOptions,
): Promise<NamedStart | undefined> {
  const typed = typedName(sources.before);
  // Healing takes off at least the end of a name; where it took off nothing, there is none.
  if (prefix.length === 0) return undefined;
  if (typed === "" && !isMemberPlace({ typed, ...sources })) return undefined;
  const editorMembers = await sources.editorMembers?.();
  options.signal.throwIfAborted();
  const { candidates, position } = namesAt(typed, sources, editorMembers);
  const guesses = worthRunning(
    continuation,
    tokenizer,
    prefix,
    candidates,
    position,
  );
  const { taken = [] } = sources;
  const { run, behind } = await wordsAt(
    continuation,
    tokenizer,
    prefix,
    typed,
    guesses,
    // An alternative may be a name that is far behind the first one.
    { ...options, position: taken.length === 0 ? position : undefined },
  );
  const best = likeliest(stillFree(run, taken), position, behind);
  if (best === undefined) return undefined;
  const isLeft = ({ candidate }: Guess) =>
    !behind.some((word) => word.candidate === candidate);
  const share = shareRun(guesses.filter(isLeft), run, ({ rest }) => {
    const text = Buffer.from(rest).toString();
    const [first] = firstTokens(continuation, tokenizer, prefix, [text]);
    return firstGuess(undefined, false, position, first!);
  });
  return {
    text: Buffer.from(best.word.rest).toString(),
    logProbability: Math.log(best.probability * share),
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
  /** The members that the editor knows of what stands before the name; may wait for them. */
  readonly editorMembers?: (() => Promise<ReadonlySet<string>>) | undefined;
}
