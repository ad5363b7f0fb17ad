import type { Continuation, Mark } from "../../runtime/continuation";
import { bytesOfText, encode, type Tokenizer } from "../../tokenizer/tokenizer";
import { greedy } from "../../engine/sampling";
import { isWordByte } from "../../text/words";
import { RequiredPrefix } from "../processors/requiredPrefix";
import { bytesOf, wordStarts } from "../tokenText";

/** A way in which the word at the cursor may go on. */
export interface Hypothesis {
  /** Bytes after what stands in the document. */
  readonly rest: Uint8Array;
  /** Natural logarithm of the network's probability of its tokens, and of a word's end behind them. */
  readonly logProbability: number;
  /** The position behind it. */
  readonly mark: Mark;
}

/** Longest word that is worth the time, in tokens. */
const maxWordTokens = 12;

/**
 * How the network itself would end the word: greedily, from where healing went back to.
 *
 * @param prefix bytes that the word's end has to begin with, since they are typed
 */
export async function ownHypothesis(
  continuation: Continuation,
  tokenizer: Tokenizer,
  prefix: Uint8Array,
): Promise<Hypothesis | undefined> {
  const start = continuation.mark();
  const required = new RequiredPrefix(tokenizer, prefix);
  const tokens: number[] = [];
  let logProbability = 0;
  let length = 0;
  while (tokens.length < maxWordTokens) {
    const next = continuation.next();
    const token = greedy(required.process(next));
    const bytes = bytesOf(tokenizer, token);
    const isWord = isWordByte(bytes[0] ?? 0);
    if (length >= prefix.length && !isWord) break;
    if (bytes.length === 0) break;
    // A token may go on after the word: then its first part is the rest of the word.
    logProbability += Math.log(Math.max(next[token]!, 1e-30));
    tokens.push(token);
    length += bytes.length;
    required.accept(token);
    await continuation.push(token);
  }
  const spelled = Buffer.concat(tokens.map((id) => tokenizer.bytesOf(id)));
  const rest = spelled.subarray(prefix.length);
  const isWord = spelled.length >= prefix.length && rest.every(isWordByte);
  const hypothesis = endedHere(continuation, tokenizer, {
    rest,
    logProbability,
  });
  continuation.rewind(start);
  return isWord ? hypothesis : undefined;
}

/**
 * A given end of the word, with the network's probability.
 *
 * @param prefix bytes that are typed and were taken off again
 * @param rest bytes of the name behind what is typed
 */
export async function namedHypothesis(
  continuation: Continuation,
  tokenizer: Tokenizer,
  prefix: Uint8Array,
  rest: Uint8Array,
): Promise<Hypothesis> {
  const start = continuation.mark();
  const tokens = encode(tokenizer, Buffer.concat([prefix, rest]));
  let logProbability = 0;
  for (const [i, token] of tokens.entries()) {
    logProbability += Math.log(Math.max(continuation.next()[token]!, 1e-30));
    await continuation.push(token, tokens.slice(i + 1));
  }
  const hypothesis = endedHere(continuation, tokenizer, {
    rest,
    logProbability,
  });
  continuation.rewind(start);
  return hypothesis;
}

/** A word that ends where the continuation is. */
function endedHere(
  continuation: Continuation,
  tokenizer: Tokenizer,
  word: Omit<Hypothesis, "mark">,
): Hypothesis {
  const end = Math.log(wordEnd(continuation.next(), tokenizer));
  return {
    ...word,
    logProbability: word.logProbability + end,
    mark: continuation.mark(),
  };
}

/**
 * Natural logarithms of the network's probabilities of the first tokens of given ends of the word;
 * nothing is run.
 *
 * @param prefix bytes that are typed and were taken off again
 */
export function firstTokens(
  continuation: Continuation,
  tokenizer: Tokenizer,
  prefix: Uint8Array,
  rests: readonly string[],
): number[] {
  const next = continuation.next();
  return rests.map((rest) => {
    const bytes = Buffer.concat([prefix, bytesOfText(rest)]);
    const [token = -1] = encode(tokenizer, bytes);
    return Math.log(Math.max(next[token] ?? 0, 1e-30));
  });
}

/** Probability that no word goes on. */
function wordEnd(probabilities: Float32Array, tokenizer: Tokenizer): number {
  const isWord = wordStarts(tokenizer);
  let words = 0;
  for (let id = 0; id < isWord.length; id++)
    if (isWord[id] === 1) words += probabilities[id] ?? 0;
  return Math.max(1 - words, 1e-6);
}
