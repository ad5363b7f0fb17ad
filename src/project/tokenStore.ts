import { CopyIndex } from "../copying/copyIndex";

/** Tokens of a file; 2 bytes each where the vocabulary allows it. */
export type Tokens = Uint16Array | Uint32Array;

/**
 * Most tokens kept of one file: later ones are rarely copied from, and so many are indexed in one run.
 */
export const mostTokens = 32_768;

/**
 * The tokens of the project's files, and copy indexes of the nearest files only: an index takes some
 * fourteen times the bytes of its tokens.
 */
export class TokenStore {
  private readonly files = new Map<number, Tokens>();
  private tokenBytes = 0;
  /** In order of use, the latest last. */
  private readonly indexes = new Map<number, CopyIndex>();
  private builtBytes = 0;

  /** @param firstText ids below this are special tokens */
  constructor(private readonly firstText: number) {}

  /** Bytes of copy indexes. */
  get indexBytes(): number {
    return this.builtBytes;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.tokenBytes + this.indexBytes + 128 * this.files.size;
  }

  get size(): number {
    return this.files.size;
  }

  has(file: number): boolean {
    return this.files.has(file);
  }

  get(file: number): Tokens | undefined {
    return this.files.get(file);
  }

  set(file: number, tokens: Tokens): void {
    this.delete(file);
    this.files.set(file, tokens);
    this.tokenBytes += tokens.byteLength;
  }

  delete(file: number): void {
    this.tokenBytes -= this.files.get(file)?.byteLength ?? 0;
    this.files.delete(file);
    this.dropIndex(file);
  }

  /** The copy index of a file if it has been built. */
  index(file: number): CopyIndex | undefined {
    const index = this.indexes.get(file);
    if (index === undefined) return undefined;
    this.indexes.delete(file);
    this.indexes.set(file, index);
    return index;
  }

  /** The file that a copy index was built of; undefined if it is none of these. */
  fileOf(index: CopyIndex): number | undefined {
    for (const [file, own] of this.indexes) if (own === index) return file;
    return undefined;
  }

  /**
   * Builds the copy index of a file unless it has one: some milliseconds for a long file. The least
   * recently used indexes make room.
   *
   * @param keep files whose indexes must stay
   * @param mostBytes most bytes of all copy indexes
   * @returns whether the file has an index now; false if those of `keep` leave no room
   */
  build(file: number, keep: ReadonlySet<number>, mostBytes: number): boolean {
    if (this.index(file) !== undefined) return true;
    const tokens = this.files.get(file);
    if (tokens === undefined) return false;
    const index = new CopyIndex(this.firstText);
    for (const token of tokens) index.append(token);
    for (const old of this.indexes.keys()) {
      if (this.indexBytes + index.bytes <= mostBytes) break;
      if (!keep.has(old)) this.dropIndex(old);
    }
    if (this.indexBytes + index.bytes > mostBytes) return false;
    this.indexes.set(file, index);
    this.builtBytes += index.bytes;
    return true;
  }

  /** Forgets all copy indexes. */
  dropIndexes(): void {
    this.indexes.clear();
    this.builtBytes = 0;
  }

  private dropIndex(file: number): void {
    this.builtBytes -= this.indexes.get(file)?.bytes ?? 0;
    this.indexes.delete(file);
  }
}
