import {
  endingOf,
  firstNonBlankLineEnd,
  sureEnd,
  wholeEnd,
  type Decoded,
} from "../completion/decode";
import type { StoppingCriterion } from "../completion/stopping/criterion";
import type { DecodedToken } from "../completion/suggestion";
import type { Piece } from "./kind";

export interface ReadOptions {
  /** The text that the reply has to repeat first; not part of the result. */
  readonly healed: string;
  readonly stoppingCriteria: readonly StoppingCriterion[];
  readonly maxTokens: number;
  /** Least probability of the text; without probabilities it ends with its first line. */
  readonly minConfidence: number;
  readonly whole: "lines" | "words";
  /** Aborted when time is up. */
  readonly timeout: AbortSignal;
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
}

/** UTF-16 units that a token has at most, on average. */
const unitsPerToken = 32;

/** What may come next where nothing is known: the rest of a word. */
const anyWord = Uint8Array.of(0x61);

/**
 * Reads a text from a streamed reply, by the rules of `decode`. It stops reading as soon as the text has
 * come to its end.
 *
 * @returns undefined if the reply does not begin with the healed text
 * @throws what reading the pieces throws, before there is any text; RangeError if there is more text
 *   than was asked for; the signal's reason when it is aborted
 */
export async function readText(
  pieces: AsyncIterable<Piece>,
  options: ReadOptions,
): Promise<Decoded | undefined> {
  const { healed, signal, timeout, whole } = options;
  const minLogProbability = Math.log(options.minConfidence);
  const tokens: DecodedToken[] = [];
  let reply = "";
  let text = "";
  let steps = 0;
  let logProbability = 0;
  const ended = (end: number, stop: Decoded["stop"]): Decoded => ({
    // Of a pair of surrogates the second half may come with the next piece.
    text: text.slice(0, end).replace(/[\ud800-\udbff]$/, ""),
    stop,
    tokens: tokens.some(({ logProbability: p }) => Number.isNaN(p))
      ? []
      : tokens,
    steps,
  });
  try {
    for await (const piece of pieces) {
      signal.throwIfAborted();
      steps++;
      reply += piece.text.replaceAll("\r", "");
      if (reply.length > healed.length + options.maxTokens * unitsPerToken)
        throw new RangeError("the reply is longer than its tokens can be");
      const isTyped = reply.length <= healed.length;
      if (!(isTyped ? healed.startsWith(reply) : reply.startsWith(healed)))
        return undefined;
      if (!isTyped && piece.text !== "") {
        // Unknown probabilities make the text's unknown.
        const added = piece.logProbability ?? NaN;
        const next = Buffer.from(piece.text);
        if (logProbability + added < minLogProbability) {
          const longer = reply.slice(healed.length);
          const token = { id: -1, logProbability: added, end: longer.length };
          return {
            ...ended(sureEnd(text, next), "not sure enough"),
            next: { text: longer, tokens: [...tokens, token] },
          };
        }
        if (tokens.length >= options.maxTokens)
          return ended(wholeEnd(text, next, whole), "token limit");
        text = reply.slice(healed.length);
        logProbability += added;
        tokens.push({ id: -1, logProbability: added, end: text.length });
        const isUnknown = Number.isNaN(logProbability);
        const ending = endingOf(text, [
          ...(isUnknown && options.minConfidence > 0 ? [endOfFirstLine] : []),
          ...options.stoppingCriteria,
        ]);
        if (ending !== undefined) return ended(ending.end, ending.stop);
        options.onText(text);
      }
      if (piece.end === undefined) continue;
      if (reply.length < healed.length) return undefined;
      return piece.end === "complete"
        ? ended(text.length, "end of text")
        : ended(wholeEnd(text, anyWord, whole), "token limit");
    }
  } catch (error) {
    signal.throwIfAborted();
    if (text === "" || error instanceof RangeError) throw error;
    const stop = timeout.aborted ? "time budget" : "connection lost";
    return ended(wholeEnd(text, anyWord, whole), stop);
  }
  return ended(text.length, "end of text");
}

/** Several lines are shown where it is known how likely they are. */
const endOfFirstLine: StoppingCriterion = (text) => {
  const end = firstNonBlankLineEnd(text);
  return end < 0 ? undefined : { end, stop: "end of line" };
};
