import { message, ToldError } from "../messages";
import { mergePairs, type Merge } from "./merge";
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

/** Bounds on what a file may claim; a token beyond the longest piece would never be found. */
const mostSpecials = 4096;
const mostMerges = 65_536;
const longestToken = 1024;

/** Our own tokenizer: byte-level byte-pair encoding inside short pieces. */
export class BpeTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  readonly lookahead = 1;
  private readonly bytes: Uint8Array[] = [];
  private readonly firstByte: number;
  /** Merge of a pair, as left × vocabularySize + right; the one learnt earlier has the lower id. */
  private readonly merges = new Map<number, Merge>();
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
      const id = this.bytes.length;
      this.merges.set(left * this.vocabularySize + right, { rank: id, id });
      const bytes = [this.bytesOf(left), this.bytesOf(right)];
      // Each merge may double the length of the one before it.
      if (bytes[0]!.length + bytes[1]!.length > longestToken)
        throw new ToldError(message("token too long", id, longestToken));
      this.bytes.push(Buffer.concat(bytes));
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
    const tokens = mergePairs(
      Array.from(piece, (char) => this.firstByte + char.charCodeAt(0)),
      (left, right) => this.merges.get(left * this.vocabularySize + right),
    );
    if (this.cache.size >= cachedPieces) this.cache.clear();
    this.cache.set(piece, tokens);
    return tokens;
  }
}

function checked(file: unknown): BpeFile {
  const { format, version, specials, merges } = (file ??
    {}) as Partial<BpeFile>;
  if (format !== "rwkv-bpe" || version !== 1) {
    throw new ToldError(message("not rwkv-bpe"));
  }
  if (
    !Array.isArray(specials) ||
    !Array.isArray(merges) ||
    specials.length > mostSpecials ||
    merges.length > mostMerges
  ) {
    throw new ToldError(message("no specials or merges"));
  }
  merges.forEach((pair, index) => {
    const known = specials.length + 256 + index;
    const valid = (id: unknown) =>
      Number.isInteger(id) &&
      (id as number) >= specials.length &&
      (id as number) < known;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(valid)) {
      throw new ToldError(message("merge too early", index));
    }
  });
  return { format, version, specials, merges };
}
