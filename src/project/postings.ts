/** Called by `Postings.forEach` for each name. */
export type VisitName = (id: number, count: number, kinds: number) => void;

const mostCount = 255;

/**
 * The names of one file, packed: for each, in the order of their numbers, the difference to the one
 * before (a varint of 7 bits a byte), how often it stands there (a byte, 255 for more) and its kinds
 * (a byte). Some four bytes a name.
 */
export class Postings {
  private constructor(readonly packed: Uint8Array) {}

  /** @param entries in ascending order of the numbers, each number once */
  static of(
    entries: readonly { id: number; count: number; kinds: number }[],
  ): Postings {
    const packed = new Uint8Array(7 * entries.length);
    let length = 0;
    let previous = -1;
    for (const { id, count, kinds } of entries) {
      let rest = id - previous - 1;
      for (; rest > 127; rest >>>= 7) packed[length++] = (rest & 127) | 128;
      packed[length++] = rest;
      packed[length++] = Math.min(mostCount, count);
      packed[length++] = kinds;
      previous = id;
    }
    return new Postings(packed.slice(0, length));
  }

  /**
   * Takes bytes that were packed before.
   *
   * @param names all numbers have to be below this
   * @returns undefined if they are malformed
   */
  static from(packed: Uint8Array, names: number): Postings | undefined {
    let at = 0;
    let id = -1;
    while (at < packed.length) {
      let difference = 0;
      let shift = 0;
      for (; packed[at]! > 127 && shift < 28; shift += 7)
        difference |= (packed[at++]! & 127) << shift;
      difference |= packed[at++]! << shift;
      id += difference + 1;
      if (at + 2 > packed.length || difference < 0 || id >= names)
        return undefined;
      at += 2;
    }
    return new Postings(packed);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.packed.length;
  }

  forEach(visit: VisitName): void {
    const { packed } = this;
    let at = 0;
    let id = -1;
    while (at < packed.length) {
      let difference = 0;
      let shift = 0;
      for (; packed[at]! > 127; shift += 7)
        difference |= (packed[at++]! & 127) << shift;
      difference |= packed[at++]! << shift;
      id += difference + 1;
      visit(id, packed[at]!, packed[at + 1]!);
      at += 2;
    }
  }
}
