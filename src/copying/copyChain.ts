import { IntArray } from "../tokenizer/intArray";

/**
 * Links each place of a growing sequence to the place before that ends with the same `keyLength`
 * tokens (hash chains as in LZ77, with exact keys).
 *
 * The hash table holds places alone, since their keys can be read from the sequence. Its collisions
 * are resolved by linear probing. Places are removed in the opposite order of their coming, so a
 * key that goes is the last that came, no other was put behind it, and its slot can be cleared.
 */
export class CopyChain {
  /** Place before with the same key, −1 if none; by place. */
  private readonly links = new IntArray();
  /** 1 + the latest place of a key, 0 if free. */
  private heads = new Int32Array(32);
  private keys = 0;

  /** @param tokens the sequence; a token is pushed before `append`, popped after `removeLast` */
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

  /** Undoes the latest append. */
  removeLast(): void {
    const position = this.links.length - 1;
    const previous = this.links.data[position]!;
    this.links.pop();
    if (position < this.keyLength - 1) return;
    this.heads[this.slotOf(this.tokens.data, position)] = previous + 1;
    if (previous < 0) this.keys--;
  }

  /** The latest place that ends with `key`, [keyLength]; −1 if there is none. */
  find(key: ArrayLike<number>): number {
    if (key.length < this.keyLength) return -1;
    return this.heads[this.slotOf(key, this.keyLength - 1)]! - 1;
  }

  /** The place before `place` that ends with the same tokens; −1 if there is none. */
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

  /** Twice the slots; keys come in the order in which they came first. */
  private widen(): void {
    this.heads = new Int32Array(2 * this.heads.length);
    for (let i = this.keyLength - 1; i < this.links.length; i++)
      this.heads[this.slotOf(this.tokens.data, i)] = i + 1;
  }
}
