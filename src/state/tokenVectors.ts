import { commonPrefix } from "../tokenizer/commonPrefix";

/** Tokens before a position whose vectors are compared with the position's. */
export const vectorReach = 4096;
/** Vectors that are dropped without being kept aside, such as those of a word that is being typed. */
const fewVectors = 64;

/** The vectors of some tokens of a text, one after the other. */
export interface VectorsAt {
  /** Number of tokens before the first of them. */
  readonly start: number;
  /** [n, W]; not to be written to. */
  readonly vectors: Uint8Array;
}

/** The vectors of some tokens that are followed by others. */
export interface Followed {
  /** [n, W]; not to be written to. */
  readonly vectors: Uint8Array;
  /** The token after each of them, [n]. */
  readonly next: readonly number[];
}

/**
 * The vectors that a model has made of a document's tokens.
 *
 * A vector depends on all tokens before it, so it counts as long as these are the document's. Where others
 * take its place, those behind are kept aside: a change may be taken back, the cursor may have been in
 * another part of a long document, or in the middle of a word, whose first half is another token.
 */
export class TokenVectors {
  private current: Stretch;
  private aside: Stretch | undefined;
  /** The document's first tokens. */
  private tokens: readonly number[] = [];

  /** @param width W, bytes of a vector; 0 for a model without any */
  constructor(private readonly width: number) {
    this.current = new Stretch(width);
  }

  /** Bytes held. */
  get bytes(): number {
    return this.current.bytes + (this.aside?.bytes ?? 0);
  }

  /** Drops what was kept aside. */
  dropAside(): void {
    this.aside = undefined;
  }

  /** Sets the document's first tokens. */
  update(tokens: readonly number[]): void {
    this.tokens = tokens;
    const { current, aside } = this;
    current.compare(tokens);
    aside?.compare(tokens);
    const { length } = tokens;
    if (aside && aside.startFor(length) > current.startFor(length))
      [this.current, this.aside] = [aside, current];
  }

  /**
   * Keeps the vectors of a run of the document's tokens that began after `start` of them.
   *
   * @param most number of vectors to keep, at least twice the reach; the first ones are dropped
   */
  add(made: VectorsAt, most: number): void {
    if (this.width === 0) return;
    const end = made.start + made.vectors.length / this.width;
    if (!this.current.joins(made.start)) {
      this.aside = this.current;
      this.current = new Stretch(this.width);
    } else if (this.current.dropsBehind(end) > fewVectors)
      this.aside = this.current.copy();
    this.current.add(made, end, this.tokens, most);
  }

  /**
   * The last position up to `position` that a state may be taken from: all vectors in reach of `position`
   * that stand before it are known. 0 if there is none.
   */
  startFor(position: number): number {
    return this.width === 0 ? position : this.current.startFor(position);
  }

  /** The known vectors in reach of a position. */
  before(position: number): Uint8Array {
    return this.current.between(position - vectorReach, position).vectors;
  }

  /** The same ones as `before`, with the tokens that follow them. */
  followedBefore(position: number): Followed {
    return followed(
      this.current.between(position - vectorReach, position),
      this.tokens,
      this.width,
    );
  }

  /** The vectors of at most `most` tokens from `start` on; none if the first of them is not known. */
  followedFrom(start: number, most: number): Followed {
    const stretch = [this.current, this.aside].find((each) => each?.has(start));
    const at = stretch?.between(start, start + most) ?? {
      start,
      vectors: none,
    };
    return followed(at, this.tokens, this.width);
  }
}

const none = new Uint8Array(0);

/** The vectors of all tokens from one to another. */
class Stretch {
  private data = none;
  private start = 0;
  private end = 0;
  /** The tokens that were read; at least the first `end` of them. */
  private tokens: readonly number[] = [];
  /** How many of these are the document's. */
  private same = 0;

  constructor(private readonly width: number) {}

  get bytes(): number {
    return this.data.byteLength;
  }

  copy(): Stretch {
    const copy = new Stretch(this.width);
    copy.data = this.data.slice(0, (this.end - this.start) * this.width);
    copy.start = this.start;
    copy.end = this.end;
    copy.tokens = this.tokens;
    copy.same = this.same;
    return copy;
  }

  /** @param tokens the document's first ones */
  compare(tokens: readonly number[]): void {
    this.same = commonPrefix(this.tokens, tokens);
  }

  /** Whether a vector of the document's token at `position` is known. */
  has(position: number): boolean {
    return this.start <= position && position < this.known;
  }

  /** As `TokenVectors.startFor`. */
  startFor(position: number): number {
    const isKnown = this.start <= Math.max(0, position - vectorReach);
    return isKnown ? Math.min(position, this.known) : 0;
  }

  /** Whether vectors from `start` on stand within these or follow the last one that is known. */
  joins(start: number): boolean {
    return this.end === 0 || (this.start <= start && start <= this.known);
  }

  /** How many vectors are dropped by adding some up to `end`, since they are of other tokens. */
  dropsBehind(end: number): number {
    return end > this.same ? this.end - end : 0;
  }

  add(
    { start, vectors }: VectorsAt,
    end: number,
    tokens: readonly number[],
    most: number,
  ): void {
    if (this.end === 0) this.start = start;
    if (end > this.same || end > this.end) {
      this.end = end;
      this.tokens = tokens;
      this.same = tokens.length;
    }
    this.reserve((this.end - this.start) * this.width);
    this.data.set(vectors, (start - this.start) * this.width);
    if (this.end - this.start > most) this.dropFirst(most >> 2);
  }

  between(start: number, end: number): VectorsAt {
    const first = Math.max(this.start, start);
    const at = (position: number) =>
      Math.max(0, Math.min(position, this.known) - this.start) * this.width;
    return { start: first, vectors: this.data.subarray(at(first), at(end)) };
  }

  /** Vectors up to here are those of the document's tokens. */
  private get known(): number {
    return Math.max(this.start, Math.min(this.end, this.same));
  }

  private dropFirst(count: number): void {
    this.data = this.data.slice(count * this.width);
    this.start += count;
  }

  private reserve(bytes: number): void {
    if (bytes <= this.data.length) return;
    const longer = new Uint8Array(bytes + (bytes >> 2));
    longer.set(this.data);
    this.data = longer;
  }
}

/** Those of some vectors that are followed by one of `tokens`, which begin where the text does. */
export function followed(
  { start, vectors }: VectorsAt,
  tokens: readonly number[],
  width: number,
): Followed {
  if (width === 0) return { vectors, next: [] };
  const next = tokens.slice(start + 1, start + 1 + vectors.length / width);
  return { vectors: vectors.subarray(0, next.length * width), next };
}
