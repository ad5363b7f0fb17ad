import { setImmediate as turn } from "node:timers/promises";
import type { TokenFilter } from "../engine/sampling";
import type { Continuation } from "../runtime/continuation";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { follows, isWordByte } from "./healing";

/** Why generation ended. */
export type Stop =
  | "end of text"
  | "end of line"
  | "end of block"
  | "line limit"
  | "token limit"
  | "time budget"
  | "repetition"
  | "broken character";

/** Where a text ends and why; the part up to `end` is kept. */
export interface Ending {
  readonly end: number;
  readonly stop: Stop;
}

export interface DecodeOptions {
  readonly tokenizer: Tokenizer;
  /** Bytes the generated text has to start with; they are not part of the result. */
  readonly held: Uint8Array;
  /** The rest of a name, which has to come next and to end there; it is part of it. */
  readonly lead?: Uint8Array;
  readonly maxTokens: number;
  /** Milliseconds; Infinity for none. */
  readonly timeBudget: number;
  /** Picks one of the allowed tokens; −1 if there is none. */
  readonly choose: (
    probabilities: Float32Array,
    allowed?: TokenFilter,
  ) => number;
  /** Whether the text so far has reached its end. Asked after every token. */
  readonly endOf: (text: string) => Ending | undefined;
  readonly signal: AbortSignal;
  /** What a limit leaves whole: lines, or words where a part of a line is of use. */
  readonly whole: "lines" | "words";
  /** Told the text so far after every token. */
  readonly onText?: (text: string) => void;
}

export interface Decoded {
  readonly text: string;
  readonly stop: Stop;
  /** Decode steps. */
  readonly tokens: number;
}

/**
 * Generates text token by token until something ends it. What stands for a character only in part
 * is never in the text; a limit ends it with the last whole line, or word if it has only one line.
 *
 * @throws the signal's reason when it is aborted
 */
export async function decode(
  continuation: Continuation,
  options: DecodeOptions,
): Promise<Decoded> {
  const { tokenizer, choose, signal } = options;
  const deadline = performance.now() + options.timeBudget;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let required: Uint8Array = Buffer.concat([
    options.held,
    options.lead ?? new Uint8Array(0),
  ]);
  let held = options.held.length;
  let naming = options.lead !== undefined && options.lead.length > 0;
  let text = "";
  let fresh = 0;
  for (let tokens = 0; ; tokens++) {
    signal.throwIfAborted();
    let allowed: TokenFilter | undefined;
    if (required.length > 0) allowed = follows(tokenizer, required, naming);
    else if (naming) {
      allowed = (id) => !isWordByte(bytesOf(tokenizer, id)[0] ?? 0);
      naming = false;
    }
    const token = choose(continuation.next(), allowed);
    const bytes = bytesOf(tokenizer, token);
    if (bytes.length === 0) return { text, stop: "end of text", tokens };

    const limit =
      fresh >= options.maxTokens
        ? "token limit"
        : performance.now() >= deadline
          ? "time budget"
          : undefined;
    if (limit !== undefined) {
      return {
        text: text.slice(0, wholeEnd(text, bytes, options.whole)),
        stop: limit,
        tokens,
      };
    }

    if (bytes.length > held) {
      fresh++;
      // Line ends are LF for the model; should it write CRLF all the same, it means the same.
      text += decoder
        .decode(bytes.subarray(held), { stream: true })
        .replaceAll("\r", "");
      const ending = broken(text) ?? options.endOf(text);
      if (ending !== undefined) {
        return { text: text.slice(0, ending.end), stop: ending.stop, tokens };
      }
      options.onText?.(text);
    }
    held = Math.max(0, held - bytes.length);
    required = required.subarray(Math.min(bytes.length, required.length));
    await continuation.push(token);
    // Messages are read between two steps, a cancellation among them.
    await turn();
  }
}

/** A model may have more rows than its tokenizer has tokens; they stand for no text. */
function bytesOf(tokenizer: Tokenizer, token: number): Uint8Array {
  const isText = token >= 0 && token < tokenizer.vocabularySize;
  return isText ? tokenizer.bytesOf(token) : new Uint8Array(0);
}

/** Bytes that are no UTF-8 end the text. */
function broken(text: string): Ending | undefined {
  const end = text.indexOf("\ufffd");
  return end < 0 ? undefined : { end, stop: "broken character" };
}

/** A word at the end of a text. Scripts without spaces have a word in every character. */
const lastWord =
  /(?:(?!\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai})[\p{L}\p{M}\p{N}_])+$/u;

/** Where the last whole line, or word of a single line, ends; `next` is what would come after. */
function wholeEnd(
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

/** Where the word at the end of a text starts; the text's end if there is none. */
export function lastWordStart(text: string): number {
  // Bounded, so that a long text costs no more.
  const tail = text.slice(-256);
  return text.length - (lastWord.exec(tail)?.[0].length ?? 0);
}
