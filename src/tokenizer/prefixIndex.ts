import type { Tokenizer } from "./tokenizer";

/** Finds the tokens of a vocabulary by how their bytes begin. Tokens that stand for no text are left out. */
export class PrefixIndex {
  private static readonly byTokenizer = new WeakMap<Tokenizer, PrefixIndex>();
  /** Token ids in the order of their bytes. */
  private readonly sorted: readonly number[];

  private constructor(private readonly tokenizer: Tokenizer) {
    const ids = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id);
    this.sorted = ids
      .filter((id) => tokenizer.bytesOf(id).length > 0)
      .sort((a, b) =>
        Buffer.compare(tokenizer.bytesOf(a), tokenizer.bytesOf(b)),
      );
  }

  /** The index of a tokenizer, made at the first call: some 100 ms for 65,536 tokens. */
  static of(tokenizer: Tokenizer): PrefixIndex {
    let index = this.byTokenizer.get(tokenizer);
    if (index === undefined) {
      index = new PrefixIndex(tokenizer);
      this.byTokenizer.set(tokenizer, index);
    }
    return index;
  }

  /** Ids of the tokens whose bytes begin with `prefix`. */
  startingWith(prefix: Uint8Array): readonly number[] {
    const from = this.firstNotBelow(prefix);
    let to = from;
    while (to < this.sorted.length && startsWith(this.bytesAt(to), prefix))
      to++;
    return this.sorted.slice(from, to);
  }

  /** Ids of the tokens whose bytes are a prefix of `bytes`, or equal to it. */
  within(bytes: Uint8Array): readonly number[] {
    const found: number[] = [];
    for (let length = 1; length <= bytes.length; length++) {
      const part = bytes.subarray(0, length);
      let at = this.firstNotBelow(part);
      // A vocabulary may have the same bytes twice.
      while (
        at < this.sorted.length &&
        Buffer.compare(this.bytesAt(at), part) === 0
      )
        found.push(this.sorted[at++]!);
    }
    return found;
  }

  private bytesAt(index: number): Uint8Array {
    return this.tokenizer.bytesOf(this.sorted[index]!);
  }

  /** Index of the first token whose bytes are not below `bytes`. */
  private firstNotBelow(bytes: Uint8Array): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare(this.bytesAt(middle), bytes) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++)
    if (bytes[i] !== prefix[i]) return false;
  return true;
}
