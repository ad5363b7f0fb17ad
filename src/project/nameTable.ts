/** Initial capacity, in bytes and in names. */
const firstBytes = 4096;
const firstNames = 256;

/**
 * Numbers names in the order in which they are added: 0, 1, 2, … All names are in one array of UTF-8
 * bytes, so a name takes its bytes and some ten more.
 */
export class NameTable {
  private bytesOfNames = new Uint8Array(firstBytes);
  /** Start of each name in the bytes; after the last one, the end of the bytes. */
  private starts = new Int32Array(firstNames + 1);
  /** 1 + the number of a name, 0 if free; linear probing. */
  private slots = new Int32Array(2 * firstNames);
  private names = 0;
  private readonly scratch = Buffer.alloc(1024);

  /** How many names there are. */
  get length(): number {
    return this.names;
  }

  /** Bytes held. */
  get bytes(): number {
    return (
      this.bytesOfNames.byteLength +
      this.starts.byteLength +
      this.slots.byteLength
    );
  }

  /** The number of a name, −1 if it has none. */
  find(name: string): number {
    const key = this.encode(name);
    return this.slots[this.slotOf(key)]! - 1;
  }

  /**
   * The number of a name, a new one if it has none yet.
   *
   * @throws RangeError if the name has more than 1,024 bytes
   */
  intern(name: string): number {
    const key = this.encode(name);
    const slot = this.slotOf(key);
    const known = this.slots[slot]!;
    if (known > 0) return known - 1;
    this.makeRoom(key.length);
    const start = this.starts[this.names]!;
    this.bytesOfNames.set(key, start);
    this.starts[++this.names] = start + key.length;
    this.slots[slot] = this.names;
    if (4 * this.names > 3 * this.slots.length) this.widen();
    return this.names - 1;
  }

  text(id: number): string {
    return Buffer.from(this.bytesOfNames.buffer).toString(
      "utf8",
      this.starts[id],
      this.starts[id + 1],
    );
  }

  /** How the bytes of a name compare with those of another one: below 0, 0 or above 0. */
  compare(id: number, other: number): number {
    return compareBytes(
      this.bytesOfNames,
      this.starts[id]!,
      this.starts[id + 1]!,
      this.bytesOfNames,
      this.starts[other]!,
      this.starts[other + 1]!,
    );
  }

  /** How the first bytes of a name, as many as `prefix` has, compare with it. */
  comparePrefix(id: number, prefix: Uint8Array): number {
    const start = this.starts[id]!;
    const end = Math.min(this.starts[id + 1]!, start + prefix.length);
    return compareBytes(
      this.bytesOfNames,
      start,
      end,
      prefix,
      0,
      prefix.length,
    );
  }

  private encode(name: string): Uint8Array {
    const length = Buffer.byteLength(name);
    if (length > this.scratch.length)
      throw new RangeError(`a name of ${length} bytes`);
    this.scratch.write(name, "utf8");
    return this.scratch.subarray(0, length);
  }

  /** The slot of a name, or the free one where it belongs. */
  private slotOf(key: Uint8Array): number {
    const mask = this.slots.length - 1;
    for (
      let slot = hashOf(key, 0, key.length) & mask;
      ;
      slot = (slot + 1) & mask
    ) {
      const name = this.slots[slot]!;
      if (name === 0 || this.has(name - 1, key)) return slot;
    }
  }

  private has(id: number, key: Uint8Array): boolean {
    const start = this.starts[id]!;
    if (this.starts[id + 1]! - start !== key.length) return false;
    for (let i = 0; i < key.length; i++)
      if (this.bytesOfNames[start + i] !== key[i]) return false;
    return true;
  }

  private makeRoom(bytes: number): void {
    const needed = this.starts[this.names]! + bytes;
    if (needed > this.bytesOfNames.length) {
      const longer = new Uint8Array(
        Math.max(needed, grown(this.bytesOfNames.length)),
      );
      longer.set(this.bytesOfNames);
      this.bytesOfNames = longer;
    }
    if (this.names + 2 > this.starts.length) {
      const longer = new Int32Array(grown(this.starts.length));
      longer.set(this.starts);
      this.starts = longer;
    }
  }

  private widen(): void {
    const slots = new Int32Array(2 * this.slots.length);
    const mask = slots.length - 1;
    for (let id = 0; id < this.names; id++) {
      let slot =
        hashOf(this.bytesOfNames, this.starts[id]!, this.starts[id + 1]!) &
        mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.slots = slots;
  }
}

function grown(length: number): number {
  return length + (length >> 2);
}

/** FNV-1a, with the high bits mixed into the low ones that a table uses. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++)
    hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
