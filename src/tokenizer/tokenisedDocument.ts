import { IntArray } from "./intArray";
import { bytesOfText, encode, type Tokenizer } from "./tokenizer";

/**
 * The tokens of one document, following its edits.
 *
 * Tokens are computed up to the place they are asked for and kept by piece; an edit drops the
 * pieces it can have a say in and keeps all before. Line ends are read as LF: models have hardly
 * seen CRLF, and a completion should not depend on it.
 */
export class TokenisedDocument {
  private readonly tokens: number[];
  /** Of each kept piece: where it ends, in bytes of the normalised text and in `tokens`. */
  private readonly byteEnds = new IntArray();
  private readonly tokenEnds = new IntArray();

  /** @param start tokens that stand before the text, such as a header with its path */
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly start: readonly number[],
    private text: string,
  ) {
    this.tokens = [...start];
  }

  /** How far the text's tokens are known, a UTF-16 offset. */
  get keptLength(): number {
    return offsetOfByte(this.text, this.keptBytes);
  }

  private get keptBytes(): number {
    return this.byteEnd(this.byteEnds.length);
  }

  /** Replaces the text between two UTF-16 offsets. */
  edit(start: number, end: number, replacement: string): void {
    // A CR that ended a line may become the first half of one end with what comes behind it now.
    const same = this.text[start - 1] === "\r" ? start - 1 : start;
    this.keepPieces(this.piecesBefore(bytesBefore(this.text, same).length));
    this.text = this.text.slice(0, start) + replacement + this.text.slice(end);
  }

  /** The start tokens and the tokens of the text before a UTF-16 offset: those of a fresh tokenisation. */
  tokensBefore(offset: number): number[] {
    const bytes = bytesBefore(this.text, offset);
    let pieces = this.piecesBefore(bytes.length);
    // Only where the place lies beyond the kept pieces are there new ones to keep.
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

  /** Keeps the pieces of `bytes` that later text has no say in; returns how many are kept in all. */
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

  /** How many kept pieces have no dependence on the bytes from `offset` on. */
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

  /** How many tokens the start and the first `pieces` pieces are. */
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
