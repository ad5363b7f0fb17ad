import type { Piece, Tokenizer } from "./tokenizer";

/** The tokenizer of byte-level models: a token is a byte. */
export class ByteTokenizer implements Tokenizer {
  readonly vocabularySize = 256;
  readonly lookahead = 0;

  *pieces(bytes: Uint8Array): Iterable<Piece> {
    for (const byte of bytes) yield pieces[byte]!;
  }

  bytesOf(token: number): Uint8Array {
    const bytes = bytesOf[token];
    if (bytes === undefined)
      throw new RangeError(`token ${token} is not in the vocabulary`);
    return bytes;
  }
}

const bytesOf = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
const pieces = Array.from({ length: 256 }, (_, byte): Piece => ({
  length: 1,
  tokens: [byte],
}));
