/**
 * Joins PNG files of one size and kind into an animated PNG (https://www.w3.org/TR/png-3/, 11.3.6):
 * a viewer that does not know the animation shows its first frame.
 */
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * @typedef {{ png: Uint8Array, ms: number }} Frame a whole PNG file, and how long it is shown
 */

/**
 * The chunks of a PNG file.
 * @param {Uint8Array} png
 * @returns {{ type: string, data: Buffer }[]}
 */
export function chunksOf(png) {
  const bytes = Buffer.from(png);
  if (!bytes.subarray(0, 8).equals(signature)) throw new Error("it is no PNG");
  const chunks = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

/**
 * @param {Frame[]} frames
 * @param {number} plays how often it is shown before it stops at the last frame
 * @returns {Buffer}
 * @throws Error if a frame has another size or kind than the first
 */
export function animatedPng(frames, plays) {
  /** @type {Buffer[]} */
  const parts = [signature];
  let sequence = 0;
  frames.forEach(({ png, ms }, i) => {
    const chunks = chunksOf(png);
    const header = only(chunks, "IHDR");
    if (i === 0) {
      parts.push(chunk("IHDR", header));
      parts.push(chunk("acTL", uint32(frames.length, plays)));
    } else if (!header.equals(only(chunksOf(frames[0]?.png ?? png), "IHDR")))
      throw new Error(`frame ${i} has another size or kind than the first`);
    // Width and height of all of it, at no offset, for ms thousandths, in place of the one before.
    const control = Buffer.concat([
      uint32(sequence++),
      header.subarray(0, 8),
      uint32(0, 0),
      Buffer.from([ms >> 8, ms & 0xff, 1000 >> 8, 1000 & 0xff, 0, 0]),
    ]);
    parts.push(chunk("fcTL", control));
    for (const { type, data } of chunks) {
      if (type !== "IDAT") continue;
      parts.push(
        i === 0
          ? chunk("IDAT", data)
          : chunk("fdAT", Buffer.concat([uint32(sequence++), data])),
      );
    }
  });
  parts.push(chunk("IEND", Buffer.alloc(0)));
  return Buffer.concat(parts);
}

/**
 * @param {{ type: string, data: Buffer }[]} chunks
 * @param {string} type
 */
function only(chunks, type) {
  const found = chunks.find((one) => one.type === type);
  if (!found) throw new Error(`it has no ${type}`);
  return found.data;
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
}

/** @param {number[]} values */
function uint32(...values) {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, 4 * i));
  return bytes;
}
