/**
 * A tokenizer: the bundled byte-level BPE, RWKV World or GPT-NeoX.
 *
 * Tokenizers work on bytes. A token may end inside a UTF-8 sequence, so text is only decoded
 * from whole runs of tokens, never token by token.
 */
export interface Tokenizer {
  /** Number of token ids; valid ids are 0 … vocabularySize − 1. */
  readonly vocabularySize: number;

  /**
   * Cuts `bytes` into pieces and tokenises each. Its tokens do not depend on what comes before a
   * piece, so tokenisation can start again at the start of any piece.
   */
  pieces(bytes: Uint8Array): Iterable<Piece>;

  /** A piece's tokens do not depend on bytes at or beyond its end + `lookahead`. */
  readonly lookahead: number;

  /** The bytes a token stands for; empty for special tokens, which stand for no text. */
  bytesOf(token: number): Uint8Array;
}

/** A part of some bytes that is tokenised independently of the bytes before it. */
export interface Piece {
  /** Length in bytes. */
  readonly length: number;
  readonly tokens: readonly number[];
}

/**
 * Token ids of `bytes`. Lossless: the joined `bytesOf` of the result equals the input.
 *
 * @param most the largest number of tokens; what follows them is not tokenised
 */
export function encode(
  tokenizer: Tokenizer,
  bytes: Uint8Array,
  most = Infinity,
): number[] {
  const tokens: number[] = [];
  for (const piece of tokenizer.pieces(bytes)) {
    for (const token of piece.tokens) {
      if (tokens.length >= most) return tokens;
      tokens.push(token);
    }
  }
  return tokens;
}

/** UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD, as everywhere in Node. */
export function bytesOfText(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}
