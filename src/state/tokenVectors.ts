import { commonPrefix } from "../tokenizer/commonPrefix";

/** Tokens before a position whose vectors are compared with the position's. */
export const vectorReach = 4096;

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

/** The vectors that a model has made of a document's tokens: those from one token to another, all of them. */
export class TokenVectors {
  private data = new Uint8Array(0);
  private start = 0;
  private end = 0;
  /** The tokens that were read; at least the first `end` of the document. */
  private tokens: readonly number[] = [];

  /** @param width W, bytes of a vector; 0 for a model without any */
  constructor(private readonly width: number) {}

  /** Bytes held. */
  get bytes(): number {
    return this.data.byteLength;
  }

  /** Sets the document's first tokens. Vectors of later ones are kept while these do not differ. */
  update(tokens: readonly number[]): void {
    const common = commonPrefix(this.tokens, tokens);
    if (common < Math.min(tokens.length, this.end)) this.truncate(common);
    if (tokens.length >= this.end) this.tokens = tokens;
  }

  /** Keeps the vectors of a run that began after `start` tokens; those that it does not follow are dropped. */
  add({ start, vectors }: VectorsAt): void {
    if (this.width === 0) return;
    if (start < this.start || start > this.end) this.start = this.end = start;
    const end = start + vectors.length / this.width;
    this.reserve((Math.max(end, this.end) - this.start) * this.width);
    this.data.set(vectors, (start - this.start) * this.width);
    this.end = Math.max(end, this.end);
  }

  /**
   * The last position up to `position` that a state may be taken from: all vectors in reach of `position`
   * that stand before it are known. 0 if there is none.
   */
  startFor(position: number): number {
    if (this.width === 0) return position;
    const isKnown = this.start <= Math.max(0, position - vectorReach);
    return isKnown ? Math.min(position, this.end) : 0;
  }

  /** The known vectors in reach of a position. */
  before(position: number): Uint8Array {
    return this.between(position - vectorReach, position);
  }

  /** The same ones as `before`, with the tokens that follow them. */
  followedBefore(position: number): Followed {
    const vectors = this.before(position);
    const start = Math.max(this.start, position - vectorReach);
    return followed({ start, vectors }, this.tokens, this.width);
  }

  /** The vectors of at most `most` tokens from `start` on; none if the first of them is not known. */
  followedFrom(start: number, most: number): Followed {
    const isKnown = this.start <= start && start < this.end;
    const vectors = this.between(start, isKnown ? start + most : 0);
    return followed({ start, vectors }, this.tokens, this.width);
  }

  private between(start: number, end: number): Uint8Array {
    const at = (position: number) =>
      Math.max(0, Math.min(position, this.end) - this.start) * this.width;
    return this.data.subarray(at(start), at(end));
  }

  private truncate(length: number): void {
    this.end = Math.max(length, this.start);
    if (length < this.start) this.start = this.end = 0;
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
