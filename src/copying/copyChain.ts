import { IntArray } from "../tokenizer/intArray";

/**
 * Links each position of a growing sequence to the previous position that ends with the same
 * `keyLength` tokens (hash chains as in LZ77, with exact keys).
 *
 * The hash table holds positions only, since their keys can be read from the sequence; it resolves
 * collisions by linear probing. Positions are removed last in, first out. So the key of a removed
 * position is the one added last, no later key was probed past its slot, and the slot can be cleared.
 */
export class CopyChain {
  /** For each position, the previous one with the same key; −1 if none. */
  private readonly links = new IntArray();
  /** 1 + the latest position of a key; 0 for a free slot. */
  private heads = new Int32Array(32);
  private keys = 0;

  /** @param tokens the sequence; the caller pushes before `append` and pops after `removeLast` */
  constructor(
    private readonly tokens: IntArray,
    readonly keyLength: number,
  ) {}

  /** Bytes held. */
  get bytes(): number {
    return this.links.data.byteLength + this.heads.byteLength;
  }

  /** Links the last token of the sequence. */
  append(): void {
    const position = this.links.length;
    if (position < this.keyLength - 1) {
      this.links.push(-1);
      return;
    }
    const slot = this.slotOf(this.tokens.data, position);
    const head = this.heads[slot]!;
    this.links.push(head - 1);
    this.heads[slot] = position + 1;
    if (head === 0 && 4 * ++this.keys > 3 * this.heads.length) this.widen();
  }

  /** Forgets everything; the caller may empty the sequence before or after. */
  clear(): void {
    this.links.truncate(0);
    this.heads = new Int32Array(32);
    this.keys = 0;
  }

  /** Undoes the latest append. */
  removeLast(): void {
    const position = this.links.length - 1;
    const previous = this.links.data[position]!;
    this.links.pop();
    if (position < this.keyLength - 1) return;
    this.heads[this.slotOf(this.tokens.data, position)] = previous + 1;
    if (previous < 0) this.keys--;
  }

  /** The latest position that ends with `key`, [keyLength]; −1 if there is none. */
  find(key: ArrayLike<number>): number {
    if (key.length < this.keyLength) return -1;
    return this.heads[this.slotOf(key, this.keyLength - 1)]! - 1;
  }

  /** The previous position that ends with the same key; −1 if there is none. */
  previous(position: number): number {
    return this.links.data[position]!;
  }

  /** The slot of the key that ends at `end` of `sequence`, or the free one where it belongs. */
  private slotOf(sequence: ArrayLike<number>, end: number): number {
    const mask = this.heads.length - 1;
    let hash = 0;
    for (let i = 0; i < this.keyLength; i++) {
      hash = Math.imul(hash ^ sequence[end - i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const head = this.heads[slot]!;
      if (head === 0 || this.hasKey(head - 1, sequence, end)) return slot;
    }
  }

  private hasKey(
    position: number,
    sequence: ArrayLike<number>,
    end: number,
  ): boolean {
    const { data } = this.tokens;
    for (let i = 0; i < this.keyLength; i++)
      if (data[position - i] !== sequence[end - i]) return false;
    return true;
  }

  /** Doubles the slots; keys are inserted in the order of their positions, as before. */
  private widen(): void {
    this.heads = new Int32Array(2 * this.heads.length);
    for (let i = this.keyLength - 1; i < this.links.length; i++)
      this.heads[this.slotOf(this.tokens.data, i)] = i + 1;
  }
}
