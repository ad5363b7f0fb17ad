import type { Piece, Tokenizer } from "./tokenizer";

/** The file `tokenizer.json` of a byte-level BPE. */
export interface BpeFile {
  format: "rwkv-bpe";
  version: 1;
  /** Names of the special tokens, ids 0 … specials.length − 1. */
  specials: string[];
  /** Pairs of ids in the order they were learnt; merge i makes id specials.length + 256 + i. */
  merges: [number, number][];
}

/**
 * Cuts text into the pieces that merges never cross. It reads UTF-8 bytes as Latin-1 characters,
 * so every byte sequence can be cut, and counts all bytes of non-ASCII characters as letters.
 * Every alternative is bounded in length, so a line of 10 MB costs no more than its bytes, and
 * looks at most one byte past its end.
 */
const pieces =
  /\r?\n[ \t]{0,64}| ?[A-Za-z_\x80-\xff]{1,40}|[0-9]{1,3}| ?[!-/:-@[-^`{-~]{1,16}|[ \t]{1,32}|[^]/g;

/** Pieces recur: the ids of this many are kept, so that most of a text costs one look-up each. */
const cachedPieces = 20_000;

/** Our own tokenizer: byte-level byte-pair encoding inside short pieces. */
export class BpeTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly lookahead = 1;
  private readonly bytes: Uint8Array[] = [];
  private readonly firstByte: number;
  /** Id of a merge by its pair, as left × vocabularySize + right; a lower id was learnt earlier. */
  private readonly merges = new Map<number, number>();
  private readonly cache = new Map<string, readonly number[]>();

  /** @throws Error naming the cause if `file` is not a well-formed tokenizer. */
  constructor(file: unknown) {
    const { specials, merges } = checked(file);
    this.firstByte = specials.length;
    this.vocabularySize = specials.length + 256 + merges.length;
    for (let id = 0; id < specials.length; id++)
      this.bytes.push(new Uint8Array(0));
    for (let byte = 0; byte < 256; byte++) this.bytes.push(Uint8Array.of(byte));
    for (const [left, right] of merges) {
      this.merges.set(left * this.vocabularySize + right, this.bytes.length);
      this.bytes.push(Buffer.concat([this.bytesOf(left), this.bytesOf(right)]));
    }
  }

  *pieces(bytes: Uint8Array): Iterable<Piece> {
    const latin1 = Buffer.from(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    ).toString("latin1");
    for (const [piece] of latin1.matchAll(pieces)) {
      yield { length: piece.length, tokens: this.encodePiece(piece) };
    }
  }

  bytesOf(token: number): Uint8Array {
    const bytes = this.bytes[token];
    if (bytes === undefined)
      throw new RangeError(`token ${token} is not in the vocabulary`);
    return bytes;
  }

  private encodePiece(piece: string): readonly number[] {
    const known = this.cache.get(piece);
    if (known !== undefined) return known;
    const tokens = this.merge(
      Array.from(piece, (char) => this.firstByte + char.charCodeAt(0)),
    );
    if (this.cache.size >= cachedPieces) this.cache.clear();
    this.cache.set(piece, tokens);
    return tokens;
  }

  /** Joins the pair that was learnt first, the leftmost of equals, until no pair is known. */
  private merge(tokens: number[]): number[] {
    for (;;) {
      let best = Infinity;
      let at = -1;
      for (let i = 0; i + 1 < tokens.length; i++) {
        const id = this.merges.get(
          tokens[i]! * this.vocabularySize + tokens[i + 1]!,
        );
        if (id !== undefined && id < best) {
          best = id;
          at = i;
        }
      }
      if (at < 0) return tokens;
      tokens.splice(at, 2, best);
    }
  }
}

function checked(file: unknown): BpeFile {
  const { format, version, specials, merges } = (file ??
    {}) as Partial<BpeFile>;
  if (format !== "rwkv-bpe" || version !== 1) {
    throw new Error("the tokenizer file is not of format rwkv-bpe, version 1");
  }
  if (
    !Array.isArray(specials) ||
    !Array.isArray(merges) ||
    merges.length > 65_536
  ) {
    throw new Error(
      "the tokenizer file lacks its special tokens or its merges",
    );
  }
  merges.forEach((pair, index) => {
    const known = specials.length + 256 + index;
    const valid = (id: unknown) =>
      Number.isInteger(id) &&
      (id as number) >= specials.length &&
      (id as number) < known;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(valid)) {
      throw new Error(
        `merge ${index} of the tokenizer file joins tokens that do not exist yet`,
      );
    }
  });
  return { format, version, specials, merges };
}
