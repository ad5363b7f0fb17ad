import type { CopyIndex } from "../copying/copyIndex";
import type { LanguageModel, State } from "../engine/model";
import { evenRunLength } from "../state/stateCache";
import { followed, type Followed } from "../state/tokenVectors";

/** Number of other files whose vectors a position is compared with. */
export const neighbourFiles = 6;
/** Tokens of each that are read, from its start. */
export const neighbourTokens = 1024;
/** Number of files whose vectors are kept, the latest read. */
const mostKept = 64;

/** A text as far as it has been read. */
interface Reading {
  /** Those before its text included. */
  readonly tokens: readonly number[];
  /** Number of tokens before its text. */
  readonly startLength: number;
  readonly vectors: Uint8Array;
  state: State;
  done: number;
}

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
      bytes += reading?.vectors.byteLength ?? 0;
    }
    return bytes;
  }

  /** The vectors of a file; undefined until all that is read of it has been read. */
  of(index: CopyIndex): Followed | undefined {
    const reading = this.readings.get(index);
    if (reading === undefined || reading.done < reading.tokens.length)
      return undefined;
    const { vectors, tokens, startLength } = reading;
    // What follows the last one before the text is the text's first token.
    const start = Math.max(0, startLength - 1);
    const ofText = vectors.subarray(start * this.width);
    return followed({ start, vectors: ofText }, tokens, this.width);
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
    if (this.width === 0) return;
    const reading = this.readings.get(index) ?? this.begin(index, start);
    this.keep(index, reading);
    const { tokens, vectors } = reading;
    while (reading.done < tokens.length) {
      signal.throwIfAborted();
      const { done, state } = reading;
      const run = tokens.slice(done, done + evenRunLength(this.network));
      const step = await this.network.step(run, state, []);
      vectors.set(step.vectors!, done * this.width);
      reading.state = step.state;
      reading.done += run.length;
    }
    // It is large, and not needed any more.
    reading.state = this.network.emptyState;
  }

  private get width(): number {
    return this.network.vectorWidth ?? 0;
  }

  private begin(index: CopyIndex, start: readonly number[]): Reading {
    const all = [...start, ...index.head(neighbourTokens)];
    // All runs are even, so that the vectors are the same, bit for bit, at any speed.
    const tokens = all.slice(0, all.length - (all.length % 2));
    const vectors = new Uint8Array(tokens.length * this.width);
    return {
      tokens,
      startLength: start.length,
      vectors,
      state: this.network.emptyState,
      done: 0,
    };
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
