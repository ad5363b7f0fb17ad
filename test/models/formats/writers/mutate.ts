/** One kind of damage: changes `bytes`, or returns other ones. */
type Damage = (bytes: Buffer, random: () => number) => Buffer | undefined;

/** What absurd counts, offsets and lengths look like. */
const extremes = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  0xffffffffffffffffn,
];

const damages: readonly Damage[] = [
  // Truncation.
  (bytes, random) => bytes.subarray(0, place(bytes, random)),
  // Some flipped bits, near the start, where the structure is, or anywhere.
  (bytes, random) => {
    const reach = random() < 0.7 ? Math.min(bytes.length, 4096) : bytes.length;
    for (let i = 1 + Math.floor(random() * 8); i > 0; i--)
      bytes[Math.floor(random() * reach)]! ^= 1 << Math.floor(random() * 8);
  },
  // An extreme number over a field of 2, 4 or 8 bytes.
  (bytes, random) => {
    const size = 2 ** (1 + Math.floor(random() * 3));
    const at = place(bytes, random);
    if (at + size > bytes.length) return;
    const value = extremes[Math.floor(random() * extremes.length)]!;
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(value);
    field.copy(bytes, at, 0, size);
  },
  // Decimal digits changed, for JSON headers.
  (bytes, random) => {
    let at = place(bytes, random);
    while (at < bytes.length && !isDigit(bytes[at]!)) at++;
    for (; at < bytes.length && isDigit(bytes[at]!); at++)
      bytes[at] = 0x30 + Math.floor(random() * 10);
  },
  // A piece copied over another.
  (bytes, random) => {
    const from = place(bytes, random);
    bytes.copy(bytes, place(bytes, random), from, from + 1 + random() * 64);
  },
  // A piece inserted or taken out, so that everything after it moves.
  (bytes, random) => {
    const at = place(bytes, random);
    const size = 1 + Math.floor(random() * 16);
    return random() < 0.5
      ? Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)])
      : Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(Array.from({ length: size }, () => random() * 256)),
          bytes.subarray(at),
        ]);
  },
  // Weights that are not finite: all ones is NaN in every float format.
  (bytes, random) => {
    const at = Math.floor(random() * bytes.length);
    bytes.fill(0xff, at, Math.min(bytes.length, at + 16));
  },
];

/** A copy with one or two kinds of damage. */
export function mutated(original: Buffer, random: () => number): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let times = random() < 0.7 ? 1 : 2; times > 0; times--) {
    if (bytes.length === 0) return bytes;
    const damage = damages[Math.floor(random() * damages.length)]!;
    bytes = damage(bytes, random) ?? bytes;
  }
  return bytes;
}

/** Anywhere, but mostly at either end, where formats keep their directories. */
function place(bytes: Buffer, random: () => number): number {
  const where = random();
  const near = Math.min(bytes.length, 4096);
  if (where < 0.5) return Math.floor(random() * near);
  if (where < 0.75) return bytes.length - 1 - Math.floor(random() * near);
  return Math.floor(random() * bytes.length);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
