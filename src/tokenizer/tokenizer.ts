/**
 * What every tokenizer offers: the bundled byte-level BPE, RWKV World and GPT-NeoX alike.
 *
 * Tokenizers work on bytes. A token may end inside a UTF-8 sequence, so text is only decoded
 * from whole runs of tokens, never token by token.
 */
export interface Tokenizer {
  /** Number of token ids; valid ids are 0 … vocabularySize − 1. */
  readonly vocabularySize: number;

  /** Token ids of `bytes`. Lossless: the concatenated `bytesOf` of the result equals the input. */
  encode(bytes: Uint8Array): number[];

  /** The bytes a token stands for; empty for special tokens, which stand for no text. */
  bytesOf(token: number): Uint8Array;

  /**
   * The longest byte distance over which later text can change how earlier text is tokenised:
   * tokens that end at least this many bytes before an edit, on a piece boundary, stay as they are.
   */
  readonly lookahead: number;
}

/** UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD, as everywhere in Node. */
export function bytesOfText(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}
