import { message, ToldError } from "../messages";

/** A token that often followed the last few tokens in the training corpus. */
export interface Ngram {
  readonly token: number;
  /** Length of the context it was found for: 0 for two tokens … 3 for five. */
  readonly order: number;
  /** How often it follows, and how sure that is: share bucket × 4 + count bucket. */
  readonly confidenceBucket: number;
}

/** Lengths of context, in tokens. */
const orders = [2, 3, 4, 5];
const perContext = 3;
const kept = 4;
const magic = "RWKVNGR1";

interface Entries {
  /** Hashes of contexts, sorted; entries of one context stand together, most frequent first. */
  readonly hashes: Uint32Array;
  readonly tokens: Uint16Array;
  readonly confidenceBuckets: Uint8Array;
}

/**
 * The tokens that followed each context of two to five tokens in the training corpus, for contexts that
 * predict more than the next shorter one. Made by `training/ngrams.py`, whose comment has the format.
 */
export class NgramTable {
  private readonly entries: Entries[];

  /** @throws Error that names the cause if `file` is not such a table */
  constructor(file: Uint8Array) {
    const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
    const header = magic.length + 4 * orders.length;
    if (bytes.length < header || bytes.toString("latin1", 0, 8) !== magic) {
      throw new ToldError(message("no n-gram table"));
    }
    const sizes = orders.map((_, i) =>
      bytes.readUInt32LE(magic.length + 4 * i),
    );
    const total = sizes.reduce((sum, size) => sum + 7 * size, header);
    if (total !== bytes.length) {
      throw new ToldError(message("n-gram table size", bytes.length, total));
    }
    let at = header;
    // Copies, since the parts of the file are not aligned.
    const part = (length: number) =>
      Uint8Array.from(bytes.subarray(at, (at += length))).buffer;
    this.entries = sizes.map((size) => ({
      hashes: new Uint32Array(part(4 * size)),
      tokens: new Uint16Array(part(2 * size)),
      confidenceBuckets: new Uint8Array(part(size)),
    }));
  }

  /** Longest context of the table, in tokens. */
  get reach(): number {
    return orders.at(-1)!;
  }

  /**
   * The table's candidates for the token after `tokens`, of which the last five count: longest context
   * first, at most four, all different.
   */
  candidates(tokens: readonly number[]): Ngram[] {
    const found: Ngram[] = [];
    for (let order = orders.length - 1; order >= 0; order--) {
      const length = orders[order]!;
      if (tokens.length < length) continue;
      const {
        hashes,
        tokens: following,
        confidenceBuckets,
      } = this.entries[order]!;
      const hash = hashOf(tokens, length);
      const first = lowerBound(hashes, hash);
      for (let i = first; i < first + perContext && hashes[i] === hash; i++) {
        const token = following[i]!;
        if (found.length === kept) return found;
        if (found.some((ngram) => ngram.token === token)) continue;
        found.push({ token, order, confidenceBucket: confidenceBuckets[i]! });
      }
    }
    return found;
  }
}

/** Hash of the last `length` tokens, oldest first. */
function hashOf(tokens: readonly number[], length: number): number {
  let hash = length;
  for (let i = tokens.length - length; i < tokens.length; i++) {
    hash = Math.imul(hash ^ tokens[i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

/** Index of the first value not below `wanted`. */
function lowerBound(sorted: Uint32Array, wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
