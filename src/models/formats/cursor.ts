import { message, type Argument } from "../../messages";
import type { ByteFile } from "./byteFile";

/** Bytes that are read from the file at a time. */
const bufferBytes = 1 << 16;

/**
 * Reads little-endian fields one after the other, through a buffer. Each method takes the name of the
 * field for errors, and throws a ModelError if the file ends before the field does.
 */
export class Cursor {
  private buffer: Buffer = Buffer.alloc(0);
  private bufferStart = 0;

  constructor(
    private readonly file: ByteFile,
    public position: number,
  ) {}

  uint8(what: Argument): number {
    return this.take(1, what).readUInt8();
  }

  int8(what: Argument): number {
    return this.take(1, what).readInt8();
  }

  uint16(what: Argument): number {
    return this.take(2, what).readUInt16LE();
  }

  int16(what: Argument): number {
    return this.take(2, what).readInt16LE();
  }

  uint32(what: Argument): number {
    return this.take(4, what).readUInt32LE();
  }

  int32(what: Argument): number {
    return this.take(4, what).readInt32LE();
  }

  float32(what: Argument): number {
    return this.take(4, what).readFloatLE();
  }

  float64(what: Argument): number {
    return this.take(8, what).readDoubleLE();
  }

  /** A 64-bit count or offset. @throws ModelError if it is above 2⁵³ − 1, more than any file has bytes */
  uint64(what: Argument): number {
    const value = this.take(8, what).readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.file.error(
        this.position - 8,
        message("absurd number", what, String(value)),
      );
    }
    return Number(value);
  }

  int64(what: Argument): bigint {
    return this.take(8, what).readBigInt64LE();
  }

  /** Text of `length` bytes in UTF-8. */
  text(length: number, what: Argument): string {
    return this.take(length, what).toString("utf8");
  }

  /** The next `length` bytes. */
  take(length: number, what: Argument): Buffer {
    const start = this.position;
    this.file.check(start, length, what);
    this.position += length;
    if (length > bufferBytes) return this.file.read(start, length, what);
    const skip = start - this.bufferStart;
    if (skip < 0 || skip + length > this.buffer.length) {
      const available = Math.min(bufferBytes, this.file.size - start);
      this.buffer = this.file.read(start, available, what);
      this.bufferStart = start;
    }
    const from = start - this.bufferStart;
    return this.buffer.subarray(from, from + length);
  }
}
