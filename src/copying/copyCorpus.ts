import type { Tokenizer } from "../tokenizer/tokenizer";
import { CopyIndex } from "./copyIndex";
import { SuffixIndex } from "./suffixIndex";

/** The indexes that a suggestion may copy from. */
export interface CopySources {
  /** The text before the cursor; a generation appends its tokens to it. */
  readonly prefix: CopyIndex;
  /** The document's own indexes, the nearest first: `prefix` and, if given, the suffix. */
  readonly near: readonly CopyIndex[];
  /** Those of other documents, the most related first. */
  readonly far: readonly CopyIndex[];
}

export interface CopyCorpusOptions {
  readonly tokenizer: Tokenizer;
  /** Ids below this are special tokens, which are never copied. */
  readonly firstText: number;
  /** Bytes that the indexes of all documents may take. */
  readonly budgetBytes: number;
}

interface Entry {
  readonly prefix: CopyIndex;
  readonly suffix: SuffixIndex;
  /** Number of the document's tokens in `prefix`; the tokens of a generation follow them. */
  length: number;
}

/**
 * The documents that suggestions may copy from, each with an index of the text before its cursor
 * and of the text after it.
 *
 * All share one budget of bytes; when it is exceeded, the least recently updated documents are dropped,
 * but never the latest.
 */
export class CopyCorpus {
  /** In order of use, the latest last. */
  private readonly entries = new Map<string, Entry>();
  private readonly tokenizer: Tokenizer;
  private readonly firstText: number;
  private limitBytes: number;

  constructor({ tokenizer, firstText, budgetBytes }: CopyCorpusOptions) {
    this.tokenizer = tokenizer;
    this.firstText = firstText;
    this.limitBytes = budgetBytes;
  }

  /** Bytes of all indexes. */
  get usedBytes(): number {
    let bytes = 0;
    for (const entry of this.entries.values()) bytes += bytesOf(entry);
    return bytes;
  }

  set budgetBytes(bytes: number) {
    this.limitBytes = bytes;
    this.shrink();
  }

  /**
   * Indexes the present text of a document; unchanged parts are not indexed again.
   *
   * @param tokens the text before the cursor
   * @param suffix the document from the end of the cursor's line on
   */
  update(key: string, tokens: readonly number[], suffix: string): void {
    this.updateEntry(key, tokens).suffix.update(suffix);
    this.shrink();
  }

  /**
   * The indexes that a suggestion at the end of `tokens` may copy from; indexes the document as `update`
   * does.
   *
   * @param suffix if absent, the suffix's index stays as it is and is not copied from
   * @param others keys of other documents; those without indexes are skipped
   * @param more further indexes, less related than `others`
   */
  sourcesFor(
    key: string,
    tokens: readonly number[],
    suffix: string | undefined,
    others: readonly string[] = [],
    more: readonly CopyIndex[] = [],
  ): CopySources {
    const entry = this.updateEntry(key, tokens);
    const near = [entry.prefix];
    if (suffix !== undefined) {
      entry.suffix.update(suffix);
      near.push(entry.suffix.index);
    }
    this.shrink();
    const far = others.flatMap((other) => {
      const known = this.entries.get(other);
      if (known === undefined) return [];
      // Tokens generated there are not its text, and may be copies of files that are excluded by now.
      known.prefix.truncate(known.length);
      return [known.prefix, known.suffix.index];
    });
    return { prefix: entry.prefix, near, far: [...far, ...more] };
  }

  /** Forgets a document; a running generation can no longer copy from it either. */
  remove(key: string): void {
    const entry = this.entries.get(key);
    this.entries.delete(key);
    entry?.prefix.clear();
    entry?.suffix.index.clear();
  }

  /** The key of the document that an index belongs to; undefined if it belongs to none here. */
  keyOf(index: CopyIndex): string | undefined {
    for (const [key, { prefix, suffix }] of this.entries)
      if (index === prefix || index === suffix.index) return key;
    return undefined;
  }

  /** Bytes of a document's indexes; 0 if there are none. */
  bytesOf(key: string): number {
    const entry = this.entries.get(key);
    return entry === undefined ? 0 : bytesOf(entry);
  }

  /** Updates the prefix index of `key` and makes its entry the latest in use. */
  private updateEntry(key: string, tokens: readonly number[]): Entry {
    const entry = this.entries.get(key) ?? {
      prefix: new CopyIndex(this.firstText),
      suffix: new SuffixIndex(this.tokenizer, this.firstText),
      length: 0,
    };
    this.entries.delete(key);
    this.entries.set(key, entry);
    entry.prefix.update(tokens);
    entry.length = tokens.length;
    return entry;
  }

  private shrink(): void {
    let excess = this.usedBytes - this.limitBytes;
    for (const [key, entry] of this.entries) {
      if (excess <= 0 || this.entries.size === 1) return;
      this.entries.delete(key);
      excess -= bytesOf(entry);
    }
  }
}

function bytesOf({ prefix, suffix }: Entry): number {
  return prefix.bytes + suffix.index.bytes;
}
