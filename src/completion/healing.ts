import { isWordByte } from "../text/words";
import type { Tokenizer } from "../tokenizer/tokenizer";

/** Tokens searched for the start of the last word or piece; both are shorter. */
const tailTokens = 64;
/**
 * The most tokens taken off, more only to keep a character whole. The tokens before them are those of
 * the whole word in 99.6 % of the positions in code; with two tokens taken off, in 93 %.
 */
const maxTokensBack = 3;
/** Bytes of the longest word that counts as a word here. */
const maxWordBytes = 48;

export interface Healed {
  /** Tokens to continue after. */
  readonly tokens: number[];
  /** Bytes of the tokens taken off: what is generated has to start with them. */
  readonly healedPrefix: Uint8Array;
}

/**
 * Takes off the tokens at the end that the next characters may change. `retu` is rarely tokenised
 * like the start of `return`, so the model predicts badly after its tokens. Generation therefore
 * starts before the word, or a few tokens back in a long one, and has to begin with the bytes that are
 * already typed.
 *
 * @param start number of tokens at the start that are no text; they are never taken off
 * @param extra bytes typed after the tokens; they are added to the healed prefix
 */
export function heal(
  tokenizer: Tokenizer,
  tokens: readonly number[],
  start: number,
  extra: Uint8Array = new Uint8Array(0),
): Healed {
  const from = Math.max(start, tokens.length - tailTokens);
  const tail = Buffer.concat(
    tokens.slice(from).map((token) => tokenizer.bytesOf(token)),
  );
  const back = Math.max(lastPiece(tokenizer, tail), lastWord(tail));
  let kept = tokens.length;
  let prefixBytes = 0;
  const enough = () =>
    tokens.length - kept >= maxTokensBack &&
    !isWithinCharacter(tail[tail.length - prefixBytes]!);
  while (kept > from && prefixBytes < back && !enough())
    prefixBytes += tokenizer.bytesOf(tokens[--kept]!).length;
  return {
    tokens: tokens.slice(0, kept),
    healedPrefix: Buffer.concat([
      tail.subarray(tail.length - prefixBytes),
      extra,
    ]),
  };
}

/** Bytes of the last piece; no token crosses the start of a piece. */
function lastPiece(tokenizer: Tokenizer, bytes: Uint8Array): number {
  let last = 0;
  for (const { length } of tokenizer.pieces(bytes)) last = length;
  return last;
}

/** Bytes of the word at the end: letters, digits, underscores, anything beyond ASCII. */
function lastWord(bytes: Uint8Array): number {
  let length = 0;
  while (length < bytes.length && isWordByte(bytes[bytes.length - length - 1]!))
    length++;
  return length <= maxWordBytes ? length : 0;
}

/** Whether a byte of UTF-8 continues a character. */
function isWithinCharacter(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
