import { IntArray } from "../tokenizer/intArray";
import { CopyChain } from "./copyChain";

/** Longer matches count as this long. */
export const maxMatchLength = 32;
/** Occurrences visited per look-up in each of the two chains. */
const maxVisits = 64;
/** Tokens in the keys of the two chains. */
const shortKeyLength = 1;
const longKeyLength = 3;

/** Tells of an occurrence: the token behind it, tokens that match, and a number that grows with recency. */
type Visit = (next: number, length: number, position: number) => void;

/**
 * Finds what followed earlier occurrences of some tokens in a sequence.
 *
 * Two chains link each place to the previous one with the same last token and with the same last
 * three; appending is O(1) and rolling back is truncation, so the index follows edits as the state
 * cache does.
 *
 * The text after a cursor changes at its start. Its index is "backward": the tokens are appended
 * from the last to the first, so that edits at the cursor are appends and truncations there, too.
 */
export class CopyIndex {
  private readonly tokens = new IntArray();
  private readonly short = new CopyChain(this.tokens, shortKeyLength);
  private readonly long = new CopyChain(this.tokens, longKeyLength);

  /**
   * @param firstText ids below are special tokens, which are never proposed
   * @param direction in which the text reads as tokens are appended
   */
  constructor(
    private readonly firstText: number,
    private readonly direction: "forward" | "backward" = "forward",
  ) {}

  get length(): number {
    return this.tokens.length;
  }

  /** Bytes held: 12 a token in the arrays, the rest in hash tables and room to grow. */
  get bytes(): number {
    return this.tokens.data.byteLength + this.short.bytes + this.long.bytes;
  }

  append(token: number): void {
    this.tokens.push(token);
    this.short.append();
    this.long.append();
  }

  /** Makes `tokens` what is indexed, keeping what they have in common with it from the start. */
  update(tokens: readonly number[]): void {
    const { data, length } = this.tokens;
    let common = 0;
    while (common < length && data[common] === tokens[common]) common++;
    this.truncate(common);
    for (let i = common; i < tokens.length; i++) this.append(tokens[i]!);
  }

  /** The `count` tokens appended last, or all if there are fewer. */
  tail(count: number): number[] {
    const { data, length } = this.tokens;
    return Array.from(data.subarray(Math.max(0, length - count), length));
  }

  /** The tokens behind an occurrence of three or more that was visited at `place`, at most `most`. */
  following(position: number, most: number): number[] {
    const { data, length } = this.tokens;
    if (this.direction === "forward")
      return Array.from(
        data.subarray(position + 1, Math.min(length, position + 1 + most)),
      );
    const next = position - longKeyLength;
    return Array.from(
      data.subarray(Math.max(0, next + 1 - most), next + 1),
    ).reverse();
  }

  /**
   * The text around an occurrence that was visited, as tokens in its order.
   *
   * @param occurrence what the visit told of it
   * @param before tokens given at most that stand before the one behind the occurrence
   * @param after tokens given at most from that one on
   */
  passage(
    { length: matched, position }: { length: number; position: number },
    before: number,
    after: number,
  ): { before: number[]; after: number[] } {
    const { data, length } = this.tokens;
    const part = (start: number, end: number) =>
      Array.from(data.subarray(Math.max(0, start), Math.min(end, length)));
    if (this.direction === "forward") {
      const next = position + 1;
      return {
        before: part(next - before, next),
        after: part(next, next + after),
      };
    }
    const key = matched < longKeyLength ? shortKeyLength : longKeyLength;
    const next = position - key;
    return {
      before: part(next + 1, next + 1 + before).reverse(),
      after: part(next + 1 - after, next + 1).reverse(),
    };
  }

  /** Forgets all but the first `length` tokens. */
  truncate(length: number): void {
    while (this.tokens.length > length) {
      this.long.removeLast();
      this.short.removeLast();
      this.tokens.pop();
    }
  }

  /** Forgets everything, at once. */
  clear(): void {
    this.tokens.truncate(0);
    this.short.clear();
    this.long.clear();
  }

  /**
   * Visits places where the text reads as `tail` ends, those with three and more tokens in common
   * first, the latest of them first: at most 64 with three or more and 64 with any in common.
   *
   * @param tail tokens in the order of the text
   */
  occurrences(tail: readonly number[], visit: Visit): void {
    this.longOccurrences(tail, visit);
    // Longer matches the long chain has, or has had enough of.
    this.walk(this.short, tail, longKeyLength, (next, length, position) => {
      if (length < longKeyLength) visit(next, length, position);
    });
  }

  /** Visits those with three and more tokens in common alone. */
  longOccurrences(tail: readonly number[], visit: Visit): void {
    this.walk(this.long, tail, maxMatchLength, visit);
  }

  private walk(
    chain: CopyChain,
    tail: readonly number[],
    longest: number,
    visit: Visit,
  ): void {
    const { data, length } = this.tokens;
    const forward = this.direction === "forward";
    const key = tail.slice(-chain.keyLength);
    if (!forward) key.reverse();
    let visited = 0;
    for (
      let position = chain.find(key);
      position >= 0 && visited < maxVisits;
      position = chain.previous(position)
    ) {
      // Where the last token of the occurrence stands, and the one that follows in the text.
      const last = forward ? position : position - chain.keyLength + 1;
      const next = forward ? last + 1 : last - 1;
      if (next < 0 || next >= length) continue;
      visited++;
      const token = data[next]!;
      if (token >= this.firstText)
        visit(token, this.matchLength(tail, last, longest), position);
    }
  }

  /** How many tokens up to place `last` equal those up to the end of `tail`, at most `longest`. */
  private matchLength(
    tail: readonly number[],
    last: number,
    longest: number,
  ): number {
    const { data, length } = this.tokens;
    const forward = this.direction === "forward";
    const step = forward ? -1 : 1;
    const limit = Math.min(
      longest,
      tail.length,
      forward ? last + 1 : length - last,
    );
    let position = last;
    let from = tail.length - 1;
    const stop = from - limit;
    while (from > stop && data[position] === tail[from]) {
      position += step;
      from--;
    }
    return tail.length - 1 - from;
  }
}
