import type { CopyIndex } from "../copying/copyIndex";
import type { LanguageModel } from "../engine/model";
import type { Followed } from "../state/tokenVectors";
import { Reading } from "./reading";

/** Number of other files whose vectors a position is compared with. */
export const neighbourFiles = 6;
/** Tokens of each that are read, from its start. */
export const neighbourTokens = 1024;
/** Number of files whose vectors are kept, the latest read. */
const mostKept = 64;

/** The vectors of files that are not open, each read by the network on its own. */
export class FileVectors {
  /** By the file's copy index, a new one after each change. They are gone with it. */
  private readonly readings = new WeakMap<CopyIndex, Reading>();
  /** The indexes in order of use, the latest last. */
  private used: readonly WeakRef<CopyIndex>[] = [];

  constructor(private readonly network: LanguageModel) {}

  /** Bytes held. */
  get bytes(): number {
    let bytes = 0;
    for (const used of this.used) {
      const index = used.deref();
      const reading = index && this.readings.get(index);
      bytes += reading?.bytes ?? 0;
    }
    return bytes;
  }

  /** The vectors of a file; undefined until all that is read of it has been read. */
  of(index: CopyIndex): Followed | undefined {
    return this.readings.get(index)?.followed;
  }

  /**
   * Reads a file's first tokens. If it is aborted, the next call continues from there.
   *
   * @param index of the whole file, which does not change
   * @param start tokens before its text
   * @throws the signal's reason when it is aborted
   */
  async read(
    index: CopyIndex,
    start: readonly number[],
    signal: AbortSignal,
  ): Promise<void> {
    if (this.network.vectorWidth === undefined) return;
    const reading =
      this.readings.get(index) ??
      new Reading(this.network, start, index.head(neighbourTokens));
    this.keep(index, reading);
    await reading.read(signal);
  }

  /** Makes a reading the latest in use; the one that is used least lately makes room. */
  private keep(index: CopyIndex, reading: Reading): void {
    this.readings.set(index, reading);
    const others = this.used.filter((known) => {
      const other = known.deref();
      return other !== undefined && other !== index;
    });
    this.used = [...others, new WeakRef(index)];
    if (this.used.length <= mostKept) return;
    const [oldest, ...rest] = this.used;
    this.used = rest;
    const least = oldest!.deref();
    if (least !== undefined) this.readings.delete(least);
  }
}
