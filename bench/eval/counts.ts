import { share } from "./share";

/** The figures; null where nothing was counted. */
export interface Figures {
  readonly bitsPerByte: number | null;
  /** Of sampled lines, where the text behind is known: the network has read it, too. */
  readonly lineBitsPerByte: number | null;
  /** … without that. */
  readonly lineBitsPerByteUnread: number | null;
  readonly nextLineExactMatch: number | null;
  readonly identifierAccuracy: number | null;
  readonly keystrokesSaved: number | null;
}

/** The counts from which the figures are computed, summed over files. */
export class Counts {
  bytes = 0;
  bits = 0;
  /** Of the sampled lines, for as many bytes as their file has. */
  lineBytes = 0;
  lineBits = 0;
  lineBitsUnread = 0;
  lines = 0;
  linesFound = 0;
  identifiers = 0;
  identifiersFound = 0;
  characters = 0;
  keys = 0;

  add(other: Counts): void {
    this.bytes += other.bytes;
    this.bits += other.bits;
    this.lineBytes += other.lineBytes;
    this.lineBits += other.lineBits;
    this.lineBitsUnread += other.lineBitsUnread;
    this.lines += other.lines;
    this.linesFound += other.linesFound;
    this.identifiers += other.identifiers;
    this.identifiersFound += other.identifiersFound;
    this.characters += other.characters;
    this.keys += other.keys;
  }

  get figures(): Figures {
    return {
      bitsPerByte: share(this.bits, this.bytes),
      lineBitsPerByte: share(this.lineBits, this.lineBytes),
      lineBitsPerByteUnread: share(this.lineBitsUnread, this.lineBytes),
      nextLineExactMatch: share(this.linesFound, this.lines),
      identifierAccuracy: share(this.identifiersFound, this.identifiers),
      keystrokesSaved: share(this.characters - this.keys, this.characters),
    };
  }
}
