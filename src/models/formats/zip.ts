import { detailOf, message } from "../../messages";
import { inflateRawSync } from "node:zlib";
import { quoted, type ByteFile } from "./byteFile";

/**
 * A member of a zip archive (format: PKWARE's APPNOTE.TXT, sections 4.3 to 4.5), with zip64 as
 * `torch.save` writes it. No library is used: libraries read whole members into memory, while here
 * parts of a member are read by their offset in the file.
 */
export interface ZipEntry {
  readonly name: string;
  /** The member is not compressed. */
  readonly stored: boolean;
  /** Offset of its first byte in the file. */
  readonly offset: number;
  /** Bytes that it takes in the file. */
  readonly bytes: number;
  /** Bytes that it has when it is decompressed. */
  readonly unpacked: number;
}

const endSignature = 0x06054b50;
const endLength = 22;
const longestComment = 0xffff;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
/** In a field of 16 or 32 bits, these say that the value is in a zip64 record. */
const elsewhere16 = 0xffff;
const elsewhere32 = 0xffffffff;

const mostEntries = 100_000;
/** The largest directory that is read, in bytes. */
const longestDirectory = 32 << 20;

/** The members of an archive by name. @throws ModelError if the archive is not well-formed. */
export function readZip(file: ByteFile): Map<string, ZipEntry> {
  const directory = findDirectory(file);
  if (directory.count > mostEntries || directory.bytes > longestDirectory) {
    throw file.error(
      directory.offset,
      message("zip claims", directory.count, directory.bytes),
    );
  }
  const bytes = file.read(
    directory.offset,
    directory.bytes,
    message("zip directory"),
  );
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < directory.count; i++) {
    const where = directory.offset + at;
    if (
      at + 46 > bytes.length ||
      bytes.readUInt32LE(at) !== entrySignature ||
      at + lengthOfEntry(bytes, at) > bytes.length
    ) {
      throw file.error(where, message("zip member malformed", i));
    }
    const entry = readEntry(file, bytes, at, where);
    if (entries.has(entry.name))
      throw file.error(where, message("zip twice", quoted(entry.name)));
    entries.set(entry.name, entry);
    at += lengthOfEntry(bytes, at);
  }
  return entries;
}

/**
 * The contents of a member, decompressed if necessary.
 *
 * @param most bytes that the member may have
 * @throws ModelError if it has more bytes or cannot be decompressed
 */
export function readMember(
  file: ByteFile,
  entry: ZipEntry,
  most: number,
): Buffer {
  const label = quoted(entry.name);
  if (entry.unpacked > most || entry.bytes > most) {
    throw file.error(
      entry.offset,
      message("zip member too large", label, entry.unpacked, most),
    );
  }
  const bytes = file.read(entry.offset, entry.bytes, label);
  if (entry.stored) return bytes;
  let unpacked: Buffer;
  try {
    // One byte more than stated, to notice a member that is larger than it claims.
    unpacked = inflateRawSync(bytes, { maxOutputLength: entry.unpacked + 1 });
  } catch (error) {
    throw file.error(
      entry.offset,
      message("zip not unpacked", label, detailOf(error)),
    );
  }
  if (unpacked.length !== entry.unpacked) {
    throw file.error(entry.offset, message("zip other size", label));
  }
  return unpacked;
}

/** Finds the directory: its number of entries, its size in bytes, its offset in the file. */
function findDirectory(file: ByteFile) {
  const length = Math.min(file.size, endLength + longestComment);
  const start = file.size - length;
  const tail = file.read(start, length, message("zip end"));
  let at = length - endLength;
  while (at >= 0 && tail.readUInt32LE(at) !== endSignature) at--;
  if (at < 0) throw file.error(file.size, message("zip no end"));
  let count = tail.readUInt16LE(at + 10);
  let bytes = tail.readUInt32LE(at + 12);
  let offset = tail.readUInt32LE(at + 16);
  const zip64 =
    count === elsewhere16 || bytes === elsewhere32 || offset === elsewhere32;
  if (zip64) {
    const locator = file.read(start + at - 20, 20, message("zip64 locator"));
    if (locator.readUInt32LE(0) !== locator64Signature)
      throw file.error(
        start + at - 20,
        message("missing", message("zip64 locator")),
      );
    const where = uint64(file, locator, 8, start + at - 20);
    const end = file.read(where, 56, message("zip64 end"));
    if (end.readUInt32LE(0) !== end64Signature)
      throw file.error(where, message("missing", message("zip64 end")));
    count = uint64(file, end, 32, where);
    bytes = uint64(file, end, 40, where);
    offset = uint64(file, end, 48, where);
  }
  return { count, bytes, offset };
}

/** Bytes of the directory's entry at `at`: fixed fields, name, extra fields, comment. */
function lengthOfEntry(bytes: Buffer, at: number): number {
  return (
    46 +
    bytes.readUInt16LE(at + 28) +
    bytes.readUInt16LE(at + 30) +
    bytes.readUInt16LE(at + 32)
  );
}

/**
 * Reads an entry of the directory.
 *
 * @param at offset of the entry in `directory`
 * @param where offset of the entry in the file, for errors
 */
function readEntry(
  file: ByteFile,
  directory: Buffer,
  at: number,
  where: number,
): ZipEntry {
  const flags = directory.readUInt16LE(at + 8);
  const method = directory.readUInt16LE(at + 10);
  const nameLength = directory.readUInt16LE(at + 28);
  const extraLength = directory.readUInt16LE(at + 30);
  const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
  const label = quoted(name);
  const extraStart = at + 46 + nameLength;
  const extra = directory.subarray(extraStart, extraStart + extraLength);
  if (flags & 1) throw file.error(where, message("zip encrypted", label));
  if (method !== 0 && method !== 8) {
    throw file.error(where, message("zip method", label, method));
  }
  // The zip64 record has those of the next three values that did not fit into 32 bits, in this order.
  const wide = zip64Record(extra);
  let used = 0;
  const field = (value: number): number => {
    if (value !== elsewhere32) return value;
    if (used + 8 > wide.length)
      throw file.error(where, message("zip64 sizes", label));
    used += 8;
    return uint64(file, wide, used - 8, where);
  };
  const unpacked = field(directory.readUInt32LE(at + 24));
  const bytes = field(directory.readUInt32LE(at + 20));
  const header = field(directory.readUInt32LE(at + 42));

  const local = file.read(header, 30, message("header of", label));
  const localName = local.readUInt16LE(26);
  const offset = header + 30 + localName + local.readUInt16LE(28);
  const sameName =
    localName === nameLength &&
    file.read(header + 30, localName, message("name")).toString("utf8") ===
      name;
  if (local.readUInt32LE(0) !== localSignature || !sameName) {
    throw file.error(header, message("zip header", label));
  }
  file.check(offset, bytes, label);
  if (method === 0 && bytes !== unpacked) {
    throw file.error(where, message("zip stored size", label, bytes, unpacked));
  }
  return { name, stored: method === 0, offset, bytes, unpacked };
}

/** The zip64 record among an entry's extra fields; empty if there is none. */
function zip64Record(extra: Buffer): Buffer {
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1)
      return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return Buffer.alloc(0);
}

/** The number at `at`. @throws ModelError if it is larger than the file */
function uint64(
  file: ByteFile,
  bytes: Buffer,
  at: number,
  where: number,
): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(file.size))
    throw file.error(
      where,
      message("absurd number", message("zip64 field"), String(value)),
    );
  return Number(value);
}
