import { crc32, deflateRawSync } from "node:zlib";

export interface Member {
  name: string;
  bytes: Uint8Array;
  deflate?: boolean;
  /** What the directory claims to be the size when unpacked. */
  claimed?: number;
}

/** A zip archive; members begin at multiples of 64 as in `torch.save`. */
export function zip(members: readonly Member[], zip64 = false): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let length = 0;
  const push = (bytes: Buffer) => {
    parts.push(bytes);
    length += bytes.length;
  };
  for (const { name, bytes, deflate = false, claimed } of members) {
    const data = deflate ? deflateRawSync(bytes) : Buffer.from(bytes);
    const encoded = Buffer.from(name);
    const start = length;
    const pad = (64 - ((start + 30 + encoded.length + 4) % 64)) % 64;
    const shared = fields([
      [2, 20],
      [2, 0],
      [2, deflate ? 8 : 0],
      [4, 0],
      [4, crc32(bytes)],
      [4, zip64 ? 0xffffffff : data.length],
      [4, zip64 ? 0xffffffff : (claimed ?? bytes.length)],
      [2, encoded.length],
    ]);
    const padding = [
      fields([
        [2, 0x4246],
        [2, pad],
      ]),
      Buffer.alloc(pad),
    ];
    push(fields([[4, 0x04034b50]]));
    push(shared);
    push(fields([[2, pad + 4]]));
    push(encoded);
    padding.forEach(push);
    push(data);
    const wide = zip64
      ? fields([
          [2, 1],
          [2, 24],
          [8, claimed ?? bytes.length],
          [8, data.length],
          [8, start],
        ])
      : Buffer.alloc(0);
    directory.push(
      fields([
        [4, 0x02014b50],
        [2, 20],
      ]),
      shared,
      fields([
        [2, wide.length],
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, zip64 ? 0xffffffff : start],
      ]),
      encoded,
      wide,
    );
  }
  const entries = Buffer.concat(directory);
  const at = length;
  push(entries);
  if (zip64) {
    const end = length;
    push(
      fields([
        [4, 0x06064b50],
        [8, 44],
        [2, 45],
        [2, 45],
        [4, 0],
        [4, 0],
        [8, members.length],
        [8, members.length],
        [8, entries.length],
        [8, at],
      ]),
    );
    push(
      fields([
        [4, 0x07064b50],
        [4, 0],
        [8, end],
        [4, 1],
      ]),
    );
  }
  push(
    fields([
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, zip64 ? 0xffff : members.length],
      [2, zip64 ? 0xffff : members.length],
      [4, zip64 ? 0xffffffff : entries.length],
      [4, zip64 ? 0xffffffff : at],
      [2, 0],
    ]),
  );
  return Buffer.concat(parts);
}

/** Little-endian numbers: bytes and value of each. */
export function fields(values: readonly (readonly [number, number])[]): Buffer {
  const bytes = Buffer.alloc(values.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of values) {
    if (size === 8) bytes.writeBigUInt64LE(BigInt(value), at);
    else bytes.writeUIntLE(value, at, size);
    at += size;
  }
  return bytes;
}
