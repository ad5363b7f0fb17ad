import { NameKind, type NameUse } from "./names";
import { NameTable } from "./nameTable";
import { Postings } from "./postings";

/** Most names that wait unsorted; a look-up goes through all of them. */
const mostUnsorted = 2048;
/** Number of names in a range above which its best ones are remembered. */
const longRange = 4096;
/** Number of best names remembered of a range, and number of such ranges. */
const mostBest = 512;
const mostRanges = 256;
/** Names moved in one step of `compact`. */
const namesAtOnce = 500;
/** Letters of the longest prefixes whose best names are computed in advance. */
const mostLetters = 2;

/** Statistics of a name over all files. */
export interface NameStatistics {
  /** Occurrences, at most 255 of each file. */
  readonly count: number;
  /** Number of files that contain it. */
  readonly files: number;
}

/**
 * The names of all files, searched by prefix. The caller numbers the files; each has a packed list of
 * its names. A name that no file contains any more keeps its bytes until `compact`.
 */
export class NameIndex {
  private table = new NameTable();
  private postings = new Map<number, Postings>();
  private postingBytes = 0;
  private counts = new Uint32Array(256);
  private files = new Uint32Array(256);
  /** For each name, the number of files where it stands as a member, and where it stands otherwise. */
  private memberFiles = new Uint32Array(256);
  private plainFiles = new Uint32Array(256);
  /** The sorted names, in the order of their bytes. */
  private sorted = new Int32Array(0);
  private unsorted: number[] = [];
  private live = 0;
  private changes = 0;
  /** The best names of long ranges, by their beginning. */
  private readonly best = new Map<string, Int32Array>();

  /** Bytes held. */
  get bytes(): number {
    const perFile = 96;
    return (
      this.table.bytes +
      16 * this.counts.length +
      this.sorted.byteLength +
      8 * this.unsorted.length +
      4 * mostBest * this.best.size +
      this.postingBytes +
      perFile * this.postings.size
    );
  }

  /** Number of names that some file contains. */
  get size(): number {
    return this.live;
  }

  /** Bytes of names that no file contains any more, which `compact` frees. */
  get deadBytes(): number {
    if (this.table.length === 0) return 0;
    const share = 1 - this.live / this.table.length;
    return share * (this.bytes - this.postingBytes);
  }

  /** Rebuilds the index without unused names, some hundreds of names a step. */
  *compact(): Generator<void> {
    const { changes } = this;
    const fresh = new NameIndex();
    const numbers = new Int32Array(this.table.length);
    let steps = 0;
    for (const id of this.sortedNames()) {
      numbers[id] = fresh.intern(this.text(id));
      if (++steps % namesAtOnce === 0) yield;
    }
    for (const [file, postings] of [...this.postings]) {
      const entries: { id: number; count: number; kinds: number }[] = [];
      postings.forEach((id, count, kinds) =>
        entries.push({ id: numbers[id]!, count, kinds }),
      );
      entries.sort((a, b) => a.id - b.id);
      fresh.restore(file, Postings.of(entries));
      yield;
    }
    // The new index would lack the changes made meanwhile.
    if (this.changes !== changes) return;
    this.table = fresh.table;
    this.postings = fresh.postings;
    this.postingBytes = fresh.postingBytes;
    this.counts = fresh.counts;
    this.files = fresh.files;
    this.memberFiles = fresh.memberFiles;
    this.plainFiles = fresh.plainFiles;
    this.sorted = fresh.sorted;
    this.unsorted = fresh.unsorted;
    this.best.clear();
  }

  /** Replaces the names of a file. @returns the numbers of the names that it did not contain before */
  update(file: number, uses: ReadonlyMap<string, NameUse>): number[] {
    const before = this.postings.get(file);
    const entries: { id: number; count: number; kinds: number }[] = [];
    for (const [name, { count, kinds }] of uses)
      entries.push({ id: this.intern(name), count, kinds });
    entries.sort((a, b) => a.id - b.id);
    return this.replace(file, before, Postings.of(entries));
  }

  remove(file: number): void {
    this.replace(file, this.postings.get(file), undefined);
  }

  /** Adds a file's names in packed form, made for this index or one with the same numbers. */
  restore(file: number, postings: Postings): void {
    this.replace(file, this.postings.get(file), postings);
  }

  /** The names of a file; undefined if it has none. */
  postingsOf(file: number): Postings | undefined {
    return this.postings.get(file);
  }

  /** The number of a name; −1 if it has none. */
  find(name: string): number {
    return this.table.find(name);
  }

  /** The number of a name, a new one if it has none. */
  intern(name: string): number {
    const known = this.table.length;
    const id = this.table.intern(name);
    if (id < known) return id;
    if (id >= this.counts.length) this.widen();
    this.unsorted.push(id);
    if (this.unsorted.length >= mostUnsorted) this.sort();
    return id;
  }

  text(id: number): string {
    return this.table.text(id);
  }

  startsWith(id: number, prefix: Uint8Array): boolean {
    return this.table.comparePrefix(id, prefix) === 0;
  }

  statistics(id: number): NameStatistics {
    return {
      count: this.counts[id]!,
      files: this.files[id]!,
    };
  }

  /**
   * Names with a prefix, those of the most files first.
   *
   * @param prefix may be empty
   * @param most the largest number of names
   * @param member only names that some file has as a member (true), or otherwise (false)
   */
  withPrefix(prefix: string, most: number, member?: boolean): number[] {
    const bytes = Buffer.from(prefix, "utf8");
    const fits = (id: number) =>
      this.files[id]! > 0 &&
      (member === undefined ||
        (member ? this.memberFiles : this.plainFiles)[id]! > 0);
    const low = this.bound(bytes, 0);
    const high = this.bound(bytes, 1);
    const best = new Best(most, (id) => this.rank(id));
    for (const id of this.unsorted)
      if (this.table.comparePrefix(id, bytes) === 0 && fits(id)) best.add(id);
    if (high - low <= longRange) {
      for (let i = low; i < high; i++)
        if (fits(this.sorted[i]!)) best.add(this.sorted[i]!);
    } else
      for (const id of this.bestOfRange(prefix, low, high))
        if (fits(id)) best.add(id);
    return best.ids;
  }

  /** All used names in the order of their bytes. */
  *sortedNames(): Generator<number> {
    this.sort();
    for (const id of this.sorted) if (this.files[id]! > 0) yield id;
  }

  private replace(
    file: number,
    before: Postings | undefined,
    after: Postings | undefined,
  ): number[] {
    const gone = new Set<number>();
    before?.forEach((id, count, kinds) => {
      this.count(id, -count, -1, kinds);
      gone.add(id);
    });
    const fresh: number[] = [];
    after?.forEach((id, count, kinds) => {
      this.count(id, count, 1, kinds);
      if (!gone.has(id)) fresh.push(id);
    });
    this.changes++;
    this.postingBytes += (after?.bytes ?? 0) - (before?.bytes ?? 0);
    if (after === undefined) this.postings.delete(file);
    else this.postings.set(file, after);
    return fresh;
  }

  private count(id: number, count: number, files: number, kinds: number): void {
    if (files > 0 && this.files[id] === 0) this.live++;
    this.counts[id]! += count;
    this.files[id]! += files;
    if (kinds & NameKind.member) this.memberFiles[id]! += files;
    if (kinds & NameKind.plain) this.plainFiles[id]! += files;
    if (files < 0 && this.files[id] === 0) this.live--;
  }

  private rank(id: number): number {
    return 256 * this.files[id]! + Math.min(255, this.counts[id]!);
  }

  /**
   * Computes the best names of all long ranges again, some thousand names a step, for idle time: a
   * look-up uses the remembered ones however old they are.
   */
  *refresh(): Generator<void> {
    this.best.clear();
    const { sorted } = this;
    for (let letters = 0; letters <= mostLetters; letters++)
      for (let low = 0; low < sorted.length;) {
        const name = this.text(sorted[low]!);
        const prefix = [...name].slice(0, letters).join("");
        const high = this.bound(Buffer.from(prefix, "utf8"), 1);
        if (high - low > longRange) {
          const best = new Best(mostBest, (id) => this.rank(id));
          for (let from = low; from < high; from += longRange) {
            this.addRange(best, from, Math.min(high, from + longRange));
            yield;
            if (this.sorted !== sorted) return;
          }
          this.best.set(prefix, Int32Array.from(best.ids));
        }
        low = high;
      }
  }

  private bestOfRange(prefix: string, low: number, high: number): Int32Array {
    const known = this.best.get(prefix);
    if (known !== undefined) return known;
    const best = new Best(mostBest, (id) => this.rank(id));
    this.addRange(best, low, high);
    if (this.best.size >= mostRanges) this.best.clear();
    const ids = Int32Array.from(best.ids);
    this.best.set(prefix, ids);
    return ids;
  }

  private addRange(best: Best, low: number, high: number): void {
    for (let i = low; i < high; i++)
      if (this.files[this.sorted[i]!]! > 0) best.add(this.sorted[i]!);
  }

  /** The first sorted name that does not come before the prefix, or before the end of its range. */
  private bound(prefix: Uint8Array, least: 0 | 1): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.table.comparePrefix(this.sorted[middle]!, prefix) < least)
        low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Merges the unsorted names into the sorted ones. */
  private sort(): void {
    const fresh = this.unsorted.sort((a, b) => this.table.compare(a, b));
    const merged = new Int32Array(this.sorted.length + fresh.length);
    let from = 0;
    let to = 0;
    for (const id of fresh) {
      const end = this.placeOf(id, from);
      merged.set(this.sorted.subarray(from, end), to);
      to += end - from;
      merged[to++] = id;
      from = end;
    }
    merged.set(this.sorted.subarray(from), to);
    this.sorted = merged;
    this.unsorted = [];
  }

  private placeOf(id: number, from: number): number {
    let low = from;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.table.compare(this.sorted[middle]!, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private widen(): void {
    const length = this.counts.length + (this.counts.length >> 1);
    const wider = (array: Uint32Array) => {
      const longer = new Uint32Array(length);
      longer.set(array);
      return longer;
    };
    this.counts = wider(this.counts);
    this.files = wider(this.files);
    this.memberFiles = wider(this.memberFiles);
    this.plainFiles = wider(this.plainFiles);
  }
}

/** Keeps the names of highest rank; of equal ranks those that came first. */
class Best {
  readonly ids: number[] = [];
  private readonly ranks: number[] = [];

  constructor(
    private readonly most: number,
    private readonly rankOf: (id: number) => number,
  ) {}

  add(id: number): void {
    const rank = this.rankOf(id);
    const { ids, ranks, most } = this;
    if (ids.length === most && (most === 0 || rank <= ranks[most - 1]!)) return;
    let low = 0;
    let high = ranks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ranks[middle]! >= rank) low = middle + 1;
      else high = middle;
    }
    ids.splice(low, 0, id);
    ranks.splice(low, 0, rank);
    if (ids.length > most) {
      ids.pop();
      ranks.pop();
    }
  }
}
