import type { Piece, Tokenizer } from "../../src/tokenizer/tokenizer";

/** Ids 0 … 255 are the bytes, 256 is the end of text, then one id per word. */
export const endOfText = 256;

/**
 * A byte tokenizer that knows some words as well. A word or number is one piece, anything else one
 * byte; a piece is one token if it is a known word, else its longest known starts.
 */
export class FakeTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly lookahead = 1;
  /** Bytes that were tokenised so far. */
  tokenisedBytes = 0;
  private readonly bytes: Uint8Array[];
  private readonly words = new Map<string, number>();
  private readonly longest: number;

  /** @param hasSigns whether signs in a row are one piece as well */
  constructor(
    words: readonly string[] = [],
    private readonly hasSigns = false,
  ) {
    this.bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
    this.bytes.push(new Uint8Array(0));
    for (const word of words) {
      this.words.set(Buffer.from(word).toString("latin1"), this.bytes.length);
      this.bytes.push(Buffer.from(word));
    }
    this.vocabularySize = this.bytes.length;
    this.longest = Math.max(1, ...this.bytes.map(({ length }) => length));
  }

  *pieces(bytes: Uint8Array): Iterable<Piece> {
    const text = Buffer.from(bytes).toString("latin1");
    const pieces = this.hasSigns
      ? / ?[A-Za-z_\x80-\xff]+|[^A-Za-z_\x80-\xff ]+|[^]/g
      : / ?[A-Za-z_\x80-\xff]+|[^]/g;
    for (const [piece] of text.matchAll(pieces)) {
      this.tokenisedBytes += piece.length;
      yield { length: piece.length, tokens: this.encodePiece(piece) };
    }
  }

  bytesOf(token: number): Uint8Array {
    const bytes = this.bytes[token];
    if (bytes === undefined) throw new RangeError(`no token ${token}`);
    return bytes;
  }

  private encodePiece(piece: string): number[] {
    const tokens: number[] = [];
    for (let at = 0; at < piece.length;) {
      let length = Math.min(this.longest, piece.length - at);
      while (length > 1 && !this.words.has(piece.slice(at, at + length)))
        length--;
      const part = piece.slice(at, at + length);
      tokens.push(this.words.get(part) ?? part.charCodeAt(0));
      at += length;
    }
    return tokens;
  }
}
