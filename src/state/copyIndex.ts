import type { Candidate } from "../engine/gate";

const maxCandidates = 4;
const longestMatch = 32;
/** Occurrences visited per look-up in each of the two chains. */
const visits = 64;
/** Tokens in the key of the long chain. */
const longKey = 3;

/**
 * Finds what followed earlier occurrences of the current suffix in a sequence of tokens, longest
 * match first (pointer mixture networks, arXiv 1711.09573; hash chains as in LZ77).
 *
 * Two chains link each position to the previous one with the same last token and with the same
 * last three; appending is O(1) and rolling back is truncation, so the index follows edits as the
 * state cache does.
 */
export class CopyIndex {
  private readonly tokens: number[] = [];
  /** Position of the previous occurrence of the same key, −1 if none; per chain and position. */
  private readonly short = new Chain();
  private readonly long = new Chain();

  /** @param firstText ids below are special tokens, which are never proposed */
  constructor(private readonly firstText: number) {}

  get length(): number {
    return this.tokens.length;
  }

  append(token: number): void {
    const position = this.tokens.push(token) - 1;
    this.short.append(position, token);
    this.long.append(position, this.longKeyAt(position));
  }

  /** The last `count` tokens, or all if there are fewer. */
  tail(count: number): number[] {
    return this.tokens.slice(-count);
  }

  /** Forgets all but the first `length` tokens. */
  truncate(length: number): void {
    for (
      let position = this.tokens.length - 1;
      position >= length;
      position--
    ) {
      this.long.remove(this.longKeyAt(position));
      this.short.remove(this.tokens[position]!);
      this.tokens.length = position;
    }
  }

  /** At most four distinct next tokens: longest match first, then most frequent, then latest. */
  candidates(): Candidate[] {
    const last = this.tokens.length - 1;
    const found = new Map<
      number,
      { token: number; length: number; count: number }
    >();
    const visit = (position: number, length: number) => {
      const token = this.tokens[position + 1]!;
      if (token < this.firstText) return;
      const candidate = found.get(token);
      if (candidate === undefined)
        found.set(token, { token, length, count: 1 });
      else {
        candidate.length = Math.max(candidate.length, length);
        candidate.count++;
      }
    };

    let position = this.long.previous(last);
    for (let visited = 0; position >= 0 && visited < visits; visited++) {
      visit(position, this.matchLength(position, last));
      position = this.long.previous(position);
    }
    position = this.short.previous(last);
    for (let visited = 0; position >= 0 && visited < visits; visited++) {
      const length = this.matchLength(position, last);
      if (length < longKey) visit(position, length);
      position = this.short.previous(position);
    }
    // The sort is stable and the map holds the latest occurrence first.
    return [...found.values()]
      .sort((a, b) => b.length - a.length || b.count - a.count)
      .slice(0, maxCandidates);
  }

  private matchLength(position: number, last: number): number {
    let length = 0;
    while (
      length < longestMatch &&
      length <= position &&
      this.tokens[position - length] === this.tokens[last - length]
    ) {
      length++;
    }
    return length;
  }

  /** The last three tokens as one number, exact up to vocabularies of 2^17; −1 near the start. */
  private longKeyAt(position: number): number {
    if (position < longKey - 1) return -1 - position;
    const [a, b, c] = this.tokens.slice(position - 2, position + 1) as [
      number,
      number,
      number,
    ];
    return (a * 0x20000 + b) * 0x20000 + c;
  }
}

/** Links positions of equal keys backwards. */
class Chain {
  private readonly links: number[] = [];
  private readonly heads = new Map<number, number>();

  append(position: number, key: number): void {
    this.links.push(this.heads.get(key) ?? -1);
    this.heads.set(key, position);
  }

  /** Undoes the latest append, whose key must be given. */
  remove(key: number): void {
    const previous = this.links.pop();
    if (previous === undefined || previous < 0) this.heads.delete(key);
    else this.heads.set(key, previous);
  }

  previous(position: number): number {
    return this.links[position] ?? -1;
  }
}
