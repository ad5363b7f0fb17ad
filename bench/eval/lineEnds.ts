/** Goes through the line ends of a text, in its bytes and in UTF-16 units. */
export class LineEnds {
  /** Where the line ends, in bytes; at its LF or at the text's end. */
  private byte = -1;
  private units = -1;

  constructor(private readonly bytes: Uint8Array) {
    this.moveTo(0);
  }

  /** The line's end in UTF-16 units of the text as `Buffer.toString` decodes it. */
  get offset(): number {
    return this.units;
  }

  /** Goes on to the first line end at or behind `byte`; returns whether that is another one. */
  moveTo(byte: number): boolean {
    const before = this.byte;
    while (this.byte < byte) {
      const start = this.byte + 1;
      const end = this.bytes.indexOf(0x0a, start);
      this.byte = end < 0 ? this.bytes.length : end;
      const line = Buffer.from(this.bytes.subarray(start, this.byte));
      this.units += 1 + line.toString("utf8").length;
    }
    return this.byte !== before;
  }
}
