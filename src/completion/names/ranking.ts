import weights from "./nameWeights.json";
import { NameKind } from "../../project/names";
import {
  isDeclaration,
  isMemberPlace,
  type NameCandidate,
  type NamePlace,
} from "./candidates";

/** The figures of a word that rank it. */
export interface RankedWord {
  /** Undefined for the network's own word if it is no candidate. */
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
  /** Whether the name is a member of what stands before it. */
  readonly isMember: boolean;
  /** Whether the word before it says that a new name comes. */
  readonly isDeclaration: boolean;
  /** The distance of the candidate that stood last before the cursor. */
  readonly nearest: number;
  /** Whether the editor has named the members that there are. */
  readonly hasEditorMembers: boolean;
}

/** The position of a name with its candidates, the complete one first. */
export function positionOf(
  place: NamePlace,
  candidates: readonly NameCandidate[],
): Position {
  return {
    typedLength: place.typed.length,
    longerNames: candidates.filter(({ name }) => name !== place.typed).length,
    isMember: isMemberPlace(place),
    isDeclaration: isDeclaration(place),
    nearest: Math.min(...candidates.map(({ distance }) => distance)),
    hasEditorMembers: candidates.some(({ isEditorMember }) => isEditorMember),
  };
}

/** Features of a candidate before the network is run for it, in the order of `weights`. */
export function candidateFeatures(
  candidate: NameCandidate | undefined,
  isComplete: boolean,
  position: Position,
): number[] {
  const { isMember, typedLength, longerNames, nearest } = position;
  const { elsewhere, distance = Infinity } = candidate ?? {};
  const { files = 0, kinds = 0, distance: steps = Infinity } = elsewhere ?? {};
  const isLonger = candidate !== undefined && !isComplete;
  const isHere = Number.isFinite(distance);
  const inFile = (candidate?.before ?? 0) + (candidate?.after ?? 0);
  const typed = Math.log(Math.max(typedLength, 1));
  const fits = kinds & (isMember ? NameKind.member : NameKind.plain);
  return [
    Number(isComplete),
    Number(candidate === undefined),
    Math.log1p(candidate?.before ?? 0),
    Math.log1p(candidate?.after ?? 0),
    Number(files > 0),
    Math.log1p(files),
    isHere ? Math.log1p(distance) / 10 : 0,
    Number(isHere),
    // The more is typed, the more a name that agrees with it says.
    isLonger ? typed : 0,
    isComplete ? typed : 0,
    isLonger ? Math.log(Math.max(longerNames, 1)) : 0,
    Math.log1p(candidate?.match ?? 0),
    Math.log1p(candidate?.fitting ?? 0),
    Number(inFile > 0 && candidate?.fitting === 0),
    1 / (4 + Math.max(-3, steps)),
    Number(inFile === 0 && kinds !== 0 && fits === 0),
    Number(elsewhere?.imported === true),
    Number(candidate?.isUnused === true),
    Number(candidate?.before === 1),
    Number(isHere && distance === nearest),
    isLonger ? Math.log(candidate.name.length - typedLength) : 0,
    Number(isComplete && inFile + files > 0),
    Number(isComplete && position.isDeclaration),
    Number(isLonger && position.isDeclaration),
  ];
}

/** Features of a word; their weights are fitted on validation projects (`bench/names.ts`, `training/fit_names.py`). */
export function featuresOf(
  { candidate, logProbability, isOwn, isComplete }: RankedWord,
  position: Position,
): number[] {
  return [
    logProbability,
    Number(isOwn),
    Math.log(Math.max(position.typedLength, 1)) * logProbability,
    Number(isOwn && position.typedLength === 0),
    ...candidateFeatures(candidate, isComplete, position),
  ];
}

/** Features of "none of them": letters typed, and the best that the network knows. */
export function noneFeatures(
  { typedLength, isDeclaration }: Position,
  words: readonly RankedWord[],
): number[] {
  const best = Math.max(...words.map(({ logProbability }) => logProbability));
  return [
    1,
    Math.log(Math.max(typedLength, 1)),
    best,
    Math.log(words.length),
    Number(isDeclaration),
    Number(typedLength === 0),
  ];
}

/**
 * How much more likely a member that the editor names is than a name that it does not know, as a
 * natural logarithm. No text of a project says that; a type checker is seldom wrong.
 */
const editorMemberWorth = 6;

/**
 * How much more likely a name is that stands in the library from which the text says that it is
 * taken (`np.█`, `import { █ } from "react"`), as a natural logarithm.
 */
const namedLibraryWorth = 2;

/** The terms of a candidate's score that were chosen by hand, not fitted. */
function knownWorth(
  candidate: NameCandidate | undefined,
  position: Position,
): number {
  const isNamed = candidate?.elsewhere.named === true;
  return editorWorth(candidate, position) + (isNamed ? namedLibraryWorth : 0);
}

function editorWorth(
  candidate: NameCandidate | undefined,
  { hasEditorMembers }: Position,
): number {
  return hasEditorMembers && candidate?.isEditorMember !== true
    ? -editorMemberWorth
    : 0;
}

/**
 * How likely a candidate is before it is run, as a logarithm up to a constant.
 *
 * @param candidate undefined for a word that stands nowhere
 * @param firstToken natural logarithm of the network's probability of its first token
 */
export function firstGuess(
  candidate: NameCandidate | undefined,
  isComplete: boolean,
  position: Position,
  firstToken: number,
): number {
  const features = candidateFeatures(candidate, isComplete, position);
  return (
    dot([firstToken, ...features], weights.guess) +
    knownWorth(candidate, position)
  );
}

/** How likely a word is, as a logarithm up to a constant that is the same for all words of a position. */
function scoreOf(word: RankedWord, position: Position): number {
  return (
    dot(featuresOf(word, position), weights.word) +
    knownWorth(word.candidate, position)
  );
}

/** How much less likely than the best word a name has to be, as a logarithm, so that it is not run. */
const clearlyBehind = 2;
/** Up to so many typed letters a word counts the more, the likelier the network finds it. */
const mostTyped = 20;

/**
 * Whether a name need not be run, since another word is clearly likelier even if all its tokens after
 * the first were certain.
 *
 * @param name `logProbability` is that of its first token
 * @param others words that were run
 */
export function isBehind(
  name: RankedWord,
  others: readonly RankedWord[],
  position: Position,
): boolean {
  const most = scoreOf(name, position) + clearlyBehind;
  return (
    position.typedLength <= mostTyped &&
    others.some((other) => scoreOf(other, position) > most)
  );
}

/**
 * The likeliest word and the probability that it is right, 0 … 1: a softmax over the words and none
 * of them (multinomial logit), so that the probability is one as long as the weights fit.
 *
 * @param behind words that are not the likeliest and count only against it
 */
export function likeliest<W extends RankedWord>(
  words: readonly W[],
  position: Position,
  behind: readonly RankedWord[] = [],
): { word: W; probability: number } | undefined {
  const [only] = words;
  if (only === undefined) return undefined;
  // Nothing was ranked: the weights say nothing of a word without a candidate beside it.
  if (words.length + behind.length === 1 && only.candidate === undefined)
    return { word: only, probability: Math.exp(only.logProbability) };
  const scores = words.map((word) => scoreOf(word, position));
  // Where a member is typed in part, those that go on like that have been looked at.
  const isToldAll = position.hasEditorMembers && position.typedLength > 0;
  const none =
    dot(noneFeatures(position, [...words, ...behind]), weights.none) -
    (isToldAll ? editorMemberWorth : 0);
  const ofBehind = behind.map((word) => scoreOf(word, position));
  const greatest = Math.max(none, ...scores);
  const shareOf = (score: number) => Math.exp(score - greatest);
  const shares = scores.map(shareOf);
  const all = [...shares, ...ofBehind.map(shareOf)].reduce((a, b) => a + b, 0);
  const best = shares.indexOf(Math.max(...shares));
  return {
    word: words[best]!,
    probability: shares[best]! / (all + Math.exp(none - greatest)),
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
