import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { Sampler } from "../engine/sampling";
import type { Stop } from "../protocol";
import type { Continuation } from "../runtime/continuation";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { isWordByte, wordChars } from "../text/words";
import { firstLineEnd } from "./keepSure";
import { sum, type LogitsProcessor } from "./processors/processor";
import type { Ending, StoppingCriterion } from "./stopping/criterion";
import type { DecodedToken } from "./suggestion";
import { bytesOf } from "./tokenText";

/** Milliseconds between two calls of `onTimeBudget` for a text that goes on after its time budget. */
const nextMs = 50;
/** Milliseconds for which such a text goes on at most: by then the user does something else. */
const longestMs = 10_000;

export interface DecodeOptions {
  readonly tokenizer: Tokenizer;
  /** Bytes at the start of the generated text that the document has already; not part of the result. */
  readonly skippedBytes: number;
  /**
   * A text that was chosen before decoding: the result begins with it, and `continuation` is after it.
   */
  readonly start?:
    | {
        readonly text: string;
        readonly logProbability: number;
        /** Whether it is a name that stands somewhere; default: true. */
        readonly isKnown?: boolean;
      }
    | undefined;
  readonly processors: readonly LogitsProcessor[];
  readonly sampler: Sampler;
  readonly stoppingCriteria: readonly StoppingCriterion[];
  readonly maxTokens: number;
  /** Least probability of the whole text, 0 … 1; the text ends before a token that would go below. */
  readonly minConfidence: number;
  /** The same for a text of several lines; default: `minConfidence`. */
  readonly minConfidenceOfLines?: number;
  /** Milliseconds; Infinity for none. */
  readonly timeBudget: number;
  /** Where a limit may end the text: after a line, or after a word if a part of a line is of use. */
  readonly whole: "lines" | "words";
  readonly signal: AbortSignal;
  /** Told the text so far after every token. */
  readonly onText?: ((text: string) => void) | undefined;
  /**
   * Called with the whole lines or words so far when the time budget is spent, and every 50 ms from
   * then on; decoding continues. Absent: the time budget ends the text.
   *
   * @returns whether a request can be answered with them; if not, it is called again after the next token
   */
  readonly onTimeBudget?: ((soFar: Decoded) => boolean) | undefined;
}

export interface Decoded {
  readonly text: string;
  readonly stop: Stop;
  /** The tokens of the text; the last of them may go beyond its end. */
  readonly tokens: readonly DecodedToken[];
  /** Decode steps, those of the skipped bytes included. */
  readonly steps: number;
  /**
   * Where the text ended since it was not likely enough: the text with the token that is not part of it,
   * which may end inside a word.
   */
  readonly next?: Pick<Decoded, "text" | "tokens"> | undefined;
}

/** No text, since the one chosen before decoding, if any, is not likely enough. */
export function unsure(start?: DecodeOptions["start"]): Decoded {
  const next = start && { text: start.text, tokens: [tokenOf(start)] };
  return { text: "", stop: "not sure enough", tokens: [], steps: 0, next };
}

/**
 * Generates text token by token until something ends it. The text never ends within a character;
 * a limit ends it after its last whole line, or after its last whole word if it has only one line.
 *
 * @throws the signal's reason when it is aborted
 */
export async function decode(
  continuation: Continuation,
  options: DecodeOptions,
): Promise<Decoded> {
  const { tokenizer, processors, sampler, stoppingCriteria, signal } = options;
  let deadline = performance.now() + options.timeBudget;
  const end = options.onTimeBudget ? deadline + longestMs : deadline;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  // The model reads line ends as LF; a CR that it writes means nothing.
  const textOf = (bytes: Uint8Array) =>
    decoder.decode(bytes, { stream: true }).replaceAll("\r", "");
  const tokens: DecodedToken[] = [];
  const minLogProbability = Math.log(options.minConfidence);
  const minOfLines = Math.log(
    options.minConfidenceOfLines ?? options.minConfidence,
  );
  const { text: given = "", logProbability: ofGiven = 0 } = options.start ?? {};
  let text = given;
  let logProbability = ofGiven;
  if (options.start && given !== "") tokens.push(tokenOf(options.start));
  let skipped = options.skippedBytes;
  if (ofGiven < minLogProbability) return unsure(options.start);
  for (let steps = 0; ; steps++) {
    signal.throwIfAborted();
    const all = continuation.next();
    const allowed = processors.reduce((p, each) => each.process(p), all);
    const id = sampler(allowed);
    const bytes = bytesOf(tokenizer, id);
    const ended = (end: number, stop: Stop): Decoded => ({
      text: text.slice(0, end),
      stop,
      tokens,
      steps,
    });
    if (bytes.length === 0) return ended(text.length, "end of text");
    // Bytes that stand in the document already are certain.
    const isNew = bytes.length > skipped;
    const share = allowed === all ? 1 : sum(allowed);
    const added = isNew ? Math.log(allowed[id]! / share) : 0;
    // The first token also carries the probability of a complete name, which adds no text.
    const tokenUpTo = ({ length }: string): DecodedToken => ({
      id,
      logProbability: tokens.length === 0 ? logProbability + added : added,
      end: length,
    });
    const isUnsure = logProbability + added < minLogProbability;
    const now = performance.now();
    const limit =
      tokens.length >= options.maxTokens
        ? "token limit"
        : now >= deadline
          ? "time budget"
          : isUnsure
            ? "not sure enough"
            : undefined;
    if (limit === "time budget" && now < end && !isUnsure) {
      const soFar = ended(wholeEnd(text, bytes, options.whole), limit);
      if (options.onTimeBudget?.({ ...soFar, tokens: [...tokens] })) {
        deadline = performance.now() + nextMs;
        // The request is answered before the next run of the network.
        await yieldToEventLoop();
        signal.throwIfAborted();
      }
    } else if (limit === "not sure enough") {
      const longer = text + textOf(bytes.subarray(skipped));
      const next = { text: longer, tokens: [...tokens, tokenUpTo(longer)] };
      return { ...ended(sureEnd(text, bytes), limit), next };
    } else if (limit !== undefined)
      return ended(wholeEnd(text, bytes, options.whole), limit);

    if (isNew) {
      text += textOf(bytes.subarray(skipped));
      tokens.push(tokenUpTo(text));
      logProbability += added;
      const ending = endingOf(text, stoppingCriteria);
      if (ending !== undefined) return ended(ending.end, ending.stop);
      const lineEnd = firstLineEnd(text);
      if (lineEnd !== undefined && logProbability < minOfLines)
        return ended(lineEnd, "end of line");
      options.onText?.(text);
    }
    skipped = Math.max(0, skipped - bytes.length);
    for (const processor of processors) processor.accept(id);
    await continuation.push(id);
    // Messages are read between two steps, a cancellation among them.
    await yieldToEventLoop();
  }
}

/** The token that stands for a text that was chosen before decoding. */
export function tokenOf({
  text,
  logProbability,
  isKnown = true,
}: NonNullable<DecodeOptions["start"]>): DecodedToken {
  const token = { id: -1, logProbability, end: text.length };
  return isKnown ? token : { ...token, isNewWord: true };
}

/** The ending given by the first criterion that ends the text; invalid UTF-8 always ends it. */
export function endingOf(
  text: string,
  criteria: readonly StoppingCriterion[],
): Ending | undefined {
  // The decoder has put U+FFFD for invalid UTF-8.
  const broken = text.indexOf("\ufffd");
  if (broken >= 0) return { end: broken, stop: "broken character" };
  for (const criterion of criteria) {
    const ending = criterion(text);
    if (ending !== undefined) return ending;
  }
  return undefined;
}

/** A word at the end of a text. Scripts without spaces have a word in every character. */
const lastWord = new RegExp(
  String.raw`(?:(?!\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai})[${wordChars}])+$`,
  "u",
);

/**
 * The end of the last whole line, or of the last whole word of a single line.
 *
 * @param next bytes of the token that would come after the text
 */
export function wholeEnd(
  text: string,
  next: Uint8Array,
  whole: "lines" | "words",
): number {
  const first = next[0]!;
  if (first === 0x0a || first === 0x0d) return text.length;
  const lineBreak = text.lastIndexOf("\n");
  if (whole === "lines" && text.slice(0, Math.max(0, lineBreak)).trim() !== "")
    return lineBreak;
  return isWordByte(first) ? lastWordStart(text) : text.length;
}

/**
 * The end of a text that would not be likely enough with its next token: after the last word of its
 * first line, since several lines are shown only as a whole block.
 */
export function sureEnd(text: string, next: Uint8Array): number {
  const lineEnd = firstNonBlankLineEnd(text);
  return lineEnd < 0 ? wholeEnd(text, next, "words") : lineEnd;
}

/** The end of the first line that is not blank; −1 if no line follows it. */
export function firstNonBlankLineEnd(text: string): number {
  const start = text.search(/\S/);
  return start < 0 ? -1 : text.indexOf("\n", start);
}

/** Where the word at the end of a text starts; the text's end if there is none. */
export function lastWordStart(text: string): number {
  // Bounded, so that a long text costs no more.
  const tail = text.slice(-256);
  return text.length - (lastWord.exec(tail)?.[0].length ?? 0);
}
