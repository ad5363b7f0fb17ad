import { message, type Argument } from "../../messages";
import type { MetadataValue } from "./checkpoint";
import type { Cursor } from "./cursor";
import type { ByteFile } from "./byteFile";

/** GGUF's types of metadata values (`gguf.md` in ggml-org/ggml, enum gguf_metadata_value_type). */
export const ggufValueTypes = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

/** The least number of bytes that a value of a type takes. */
const bytesOfType = new Map<number, number>([
  [ggufValueTypes.uint8, 1],
  [ggufValueTypes.int8, 1],
  [ggufValueTypes.uint16, 2],
  [ggufValueTypes.int16, 2],
  [ggufValueTypes.uint32, 4],
  [ggufValueTypes.int32, 4],
  [ggufValueTypes.float32, 4],
  [ggufValueTypes.bool, 1],
  // A string begins with its length.
  [ggufValueTypes.string, 8],
  [ggufValueTypes.uint64, 8],
  [ggufValueTypes.int64, 8],
  [ggufValueTypes.float64, 8],
]);

/**
 * The most items of arrays, and the most bytes of strings, in a file. A vocabulary with its merges has
 * about 300,000 items in 10 MB, and takes more than that in memory.
 */
const mostItems = 2_000_000;
const mostBytes = 64 << 20;

/** Reads the strings and metadata values of one file, within these limits. */
export class GgufValues {
  private items = 0;
  private bytes = 0;

  constructor(
    private readonly file: ByteFile,
    private readonly cursor: Cursor,
  ) {}

  /** A string, with its length before it. @throws ModelError */
  text(what: Argument): string {
    const start = this.cursor.position;
    const length = this.cursor.uint64(message("length of", what));
    this.bytes += length;
    if (this.bytes > mostBytes)
      throw this.file.error(start, message("value claims bytes", what, length));
    return this.cursor.text(length, what);
  }

  /** A value of the type with this number (`ggufValueTypes`). @throws ModelError */
  value(type: number, what: Argument): MetadataValue {
    if (type !== ggufValueTypes.array) return this.scalar(type, what);
    const { file, cursor } = this;
    const start = cursor.position;
    const itemType = cursor.uint32(message("type of", what));
    const count = cursor.uint64(message("length of", what));
    const bytes = bytesOfType.get(itemType);
    // The format allows arrays of arrays, but no model uses them.
    if (bytes === undefined)
      throw file.error(start, message("value array type", what, itemType));
    this.items += count;
    if (this.items > mostItems)
      throw file.error(start + 4, message("value claims items", what, count));
    file.check(cursor.position, count * bytes, what);
    const items: MetadataValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.scalar(itemType, what));
    return items as string[] | number[] | bigint[];
  }

  private scalar(
    type: number,
    what: Argument,
  ): string | number | bigint | boolean {
    const { cursor } = this;
    switch (type) {
      case ggufValueTypes.uint8:
        return cursor.uint8(what);
      case ggufValueTypes.int8:
        return cursor.int8(what);
      case ggufValueTypes.uint16:
        return cursor.uint16(what);
      case ggufValueTypes.int16:
        return cursor.int16(what);
      case ggufValueTypes.uint32:
        return cursor.uint32(what);
      case ggufValueTypes.int32:
        return cursor.int32(what);
      case ggufValueTypes.float32:
        return cursor.float32(what);
      case ggufValueTypes.bool:
        return cursor.uint8(what) !== 0;
      case ggufValueTypes.string:
        return this.text(what);
      case ggufValueTypes.uint64:
        return BigInt.asUintN(64, cursor.int64(what));
      case ggufValueTypes.int64:
        return cursor.int64(what);
      case ggufValueTypes.float64:
        return cursor.float64(what);
      default:
        throw this.file.error(
          cursor.position,
          message("value type", what, type),
        );
    }
  }
}
