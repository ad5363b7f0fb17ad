import { IntArray } from "./intArray";
import { bytesOfText, encode, type Tokenizer } from "./tokenizer";

/**
 * The tokens of one document, following its edits.
 *
 * Tokens are computed up to the requested offset and kept by piece. An edit drops the pieces whose tokens
 * may have changed and keeps all before them. Line ends are read as LF: models have hardly seen CRLF, and
 * a completion should not depend on the kind of line end.
 */
export class TokenisedDocument {
  private readonly tokens: number[];
  /** The end of each kept piece, in bytes of the normalised text and in `tokens`. */
  private readonly byteEnds = new IntArray();
  private readonly tokenEnds = new IntArray();

  /** @param start tokens that are read before the text, such as those of its path */
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly start: readonly number[],
    private text: string,
  ) {
    this.tokens = [...start];
  }

  /** The UTF-16 offset up to which tokens are kept. */
  get keptLength(): number {
    return offsetOfByte(this.text, this.keptBytes);
  }

  private get keptBytes(): number {
    return this.byteEnd(this.byteEnds.length);
  }

  /** Replaces the text between two UTF-16 offsets. */
  edit(start: number, end: number, replacement: string): void {
    // A CR before the edit may now be the first half of a CR LF.
    const same = this.text[start - 1] === "\r" ? start - 1 : start;
    this.keepPieces(this.piecesBefore(bytesBefore(this.text, same).length));
    this.text = this.text.slice(0, start) + replacement + this.text.slice(end);
  }

  /** Start tokens and tokens of the text before a UTF-16 offset, equal to those of a fresh tokenisation. */
  tokensBefore(offset: number): number[] {
    const bytes = bytesBefore(this.text, offset);
    let pieces = this.piecesBefore(bytes.length);
    // New pieces are kept only if the offset is beyond the kept ones.
    if (pieces === this.byteEnds.length) pieces = this.extend(bytes);
    const tokens = this.tokens.slice(0, this.tokenEnd(pieces));
    for (const token of encode(
      this.tokenizer,
      bytes.subarray(this.byteEnd(pieces)),
    )) {
      tokens.push(token);
    }
    return tokens;
  }

  /** Keeps the pieces of `bytes` that later text cannot change; returns the number of kept pieces. */
  private extend(bytes: Uint8Array): number {
    let end = this.keptBytes;
    for (const piece of this.tokenizer.pieces(bytes.subarray(end))) {
      end += piece.length;
      if (end + this.tokenizer.lookahead > bytes.length) break;
      for (const token of piece.tokens) this.tokens.push(token);
      this.byteEnds.push(end);
      this.tokenEnds.push(this.tokens.length);
    }
    return this.byteEnds.length;
  }

  /** Number of kept pieces that do not depend on the bytes from `offset` on. */
  private piecesBefore(offset: number): number {
    let low = 0;
    let high = this.byteEnds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.byteEnds.data[middle]! + this.tokenizer.lookahead <= offset)
        low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private keepPieces(count: number): void {
    this.byteEnds.truncate(count);
    this.tokenEnds.truncate(count);
    this.tokens.length = this.tokenEnd(count);
  }

  /** Number of tokens of the start and the first `pieces` pieces. */
  private tokenEnd(pieces: number): number {
    return pieces === 0 ? this.start.length : this.tokenEnds.data[pieces - 1]!;
  }

  /** Where the first `pieces` pieces end, in bytes. */
  private byteEnd(pieces: number): number {
    return pieces === 0 ? 0 : this.byteEnds.data[pieces - 1]!;
  }
}

/**
 * UTF-8 bytes of the text before `offset`, line ends as LF. The first half of a surrogate pair or of
 * CR LF is left out: what follows completes it.
 */
function bytesBefore(text: string, offset: number): Uint8Array {
  let end = offset;
  const last = text.charCodeAt(end - 1);
  const isHalf =
    (last & 0xfc00) === 0xd800 || (last === 0x0d && text[end] === "\n");
  if (end > 0 && isHalf) end--;
  const before = text.slice(0, end);
  return bytesOfText(
    before.includes("\r") ? before.replace(/\r\n?/g, "\n") : before,
  );
}

/** The UTF-16 offset of a byte of the normalised text; one within a character has that of its start. */
function offsetOfByte(text: string, byte: number): number {
  let offset = 0;
  for (let bytes = 0; offset < text.length;) {
    const character = text.codePointAt(offset)!;
    const isBreak = character === 0x0d && text[offset + 1] === "\n";
    bytes +=
      character < 0x80
        ? 1
        : character < 0x800
          ? 2
          : character < 0x10000
            ? 3
            : 4;
    if (bytes > byte) break;
    offset += isBreak || character >= 0x10000 ? 2 : 1;
  }
  return offset;
}
