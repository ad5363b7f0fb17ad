import { IntArray } from "../tokenizer/intArray";
import { CopyChain } from "./copyChain";

/** Length in tokens to which longer matches are cut. */
export const maxMatchLength = 32;
/** Most occurrences visited per look-up in each of the two chains. */
const maxVisits = 64;
/** Tokens in the keys of the two chains. */
const shortKeyLength = 1;
const longKeyLength = 3;

/**
 * Called for an occurrence.
 *
 * @param next the token that follows it
 * @param length tokens that match
 * @param position its position in the index; a later one is more recent
 */
type Visit = (next: number, length: number, position: number) => void;

/**
 * Finds the tokens that followed earlier occurrences of some tokens in a sequence.
 *
 * Two chains link each position to the previous one with the same last token, and with the same last
 * three. Appending a token is O(1) and an edit truncates the sequence, as in the state cache.
 *
 * The text after a cursor changes at its start. Its index is "backward": tokens are appended from the
 * last to the first, so that an edit at the cursor truncates and appends there, too.
 */
export class CopyIndex {
  private readonly tokens = new IntArray();
  private readonly short = new CopyChain(this.tokens, shortKeyLength);
  private readonly long = new CopyChain(this.tokens, longKeyLength);

  /**
   * @param firstText ids below this are special tokens, which are never proposed
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

  /** Replaces the indexed tokens by `tokens`; the common start is kept. */
  update(tokens: readonly number[]): void {
    const { data, length } = this.tokens;
    let common = 0;
    while (common < length && data[common] === tokens[common]) common++;
    this.truncate(common);
    for (let i = common; i < tokens.length; i++) this.append(tokens[i]!);
  }

  /** The index of the one of these tokens that was appended last; −1 if there is none. */
  latest(token: number): number {
    return this.short.find([token]);
  }

  /** The `count` tokens appended first, or all if there are fewer. */
  head(count: number): number[] {
    const { data, length } = this.tokens;
    return Array.from(data.subarray(0, Math.min(count, length)));
  }

  /** The `count` tokens appended last, or all if there are fewer. */
  tail(count: number): number[] {
    const { data, length } = this.tokens;
    return Array.from(data.subarray(Math.max(0, length - count), length));
  }

  /** At most `most` tokens that follow an occurrence of three tokens or more, visited at `position`. */
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
   * The tokens around a visited occurrence, in the order of the text.
   *
   * @param occurrence length and position that the visit gave
   * @param before most tokens up to the end of the occurrence
   * @param after most tokens after it
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
   * Visits occurrences of the end of `tail`: first those with three tokens or more in common, then
   * shorter ones, each kind latest first and 64 at most.
   *
   * @param tail tokens in the order of the text
   */
  occurrences(tail: readonly number[], visit: Visit): void {
    this.longOccurrences(tail, visit);
    // Longer matches were visited by the long chain, or exceeded its limit.
    this.walk(this.short, tail, longKeyLength, (next, length, position) => {
      if (length < longKeyLength) visit(next, length, position);
    });
  }

  /** Visits only the occurrences with three tokens or more in common. */
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
      // Positions of the occurrence's last token and of the token that follows it in the text.
      const last = forward ? position : position - chain.keyLength + 1;
      const next = forward ? last + 1 : last - 1;
      if (next < 0 || next >= length) continue;
      visited++;
      const token = data[next]!;
      if (token >= this.firstText)
        visit(token, this.matchLength(tail, last, longest), position);
    }
  }

  /** Number of tokens up to position `last` that equal the end of `tail`, at most `longest`. */
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
