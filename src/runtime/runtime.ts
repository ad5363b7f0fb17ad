import { CopyCorpus } from "../copying/copyCorpus";
import type { CopyIndex } from "../copying/copyIndex";
import type { LanguageModel } from "../engine/model";
import type { Neighbours } from "../engine/neighbourGate";
import {
  StateCache,
  type Prefilled,
  type StateCacheOptions,
} from "../state/stateCache";
import type { Followed } from "../state/tokenVectors";
import type { Tokenizer } from "../tokenizer/tokenizer";
import { FileVectors, neighbourFiles, neighbourTokens } from "./fileVectors";
import { ModelContinuation, type PredictionSources } from "./continuation";
import { SuffixVectors } from "./suffixVectors";

/**
 * Bytes that the process takes for each byte counted, as measured by `bench:state --memory`: dropped
 * states are freed late, the allocator leaves holes, and documents without states keep their tokens.
 */
export const processBytesPerCountedByte = 2;
/** Largest share of copy indexes in the budget; states get the rest. */
const copyShare = 1 / 4;

/** The texts that a suggestion may copy from besides the one before its position. */
export interface Context {
  /** The document from the end of the position's line on. */
  readonly suffix?: string;
  /** Keys of other documents, the most related first. */
  readonly others?: readonly string[];
  /** Indexes of files that are not open, the most related first. */
  readonly more?: readonly CopyIndex[];
}

/** Figures of a document, its copy indexes included. */
export interface DocumentReport {
  readonly tokens: number;
  readonly checkpoints: number;
  readonly approximate: number;
  readonly bytes: number;
  readonly last: Prefilled | undefined;
}

export interface RuntimeOptions
  extends PredictionSources, Omit<StateCacheOptions, "budgetBytes"> {
  /** Most bytes of the process for the states and copy indexes of all documents. */
  readonly budgetBytes: number;
  readonly tokenizer: Tokenizer;
}

/** The states and copy indexes of a network's documents, both updated by the same tokens. */
export class Runtime {
  private readonly states: StateCache;
  private readonly copies: CopyCorpus;
  private readonly files: FileVectors;
  private readonly suffixes: SuffixVectors;
  private limitBytes: number;

  constructor(
    private readonly network: LanguageModel,
    private readonly options: RuntimeOptions,
  ) {
    const { budgetBytes } = options;
    this.limitBytes = budgetBytes;
    this.states = new StateCache(network, options);
    this.copies = new CopyCorpus(options);
    this.files = new FileVectors(network);
    this.suffixes = new SuffixVectors(network, options.tokenizer);
    this.budgetBytes = budgetBytes;
  }

  /** Bytes that the process holds for all documents. */
  get usedBytes(): number {
    return (
      processBytesPerCountedByte *
      (this.states.usedBytes + this.copies.usedBytes + this.vectorBytes)
    );
  }

  get budgetBytes(): number {
    return this.limitBytes;
  }

  set budgetBytes(bytes: number) {
    this.limitBytes = bytes;
    this.copies.budgetBytes = (bytes * copyShare) / processBytesPerCountedByte;
    this.shareOut();
  }

  /**
   * A continuation of `tokens`, from which text can be generated.
   *
   * @param key the document; calls with the same key share prefixes
   * @param context absent: only the text before the position is copied from
   * @throws the signal's reason when it is aborted
   * @throws RangeError if there are no tokens
   */
  async prefill(
    key: string,
    tokens: readonly number[],
    signal: AbortSignal,
    context: Context = {},
  ): Promise<ModelContinuation> {
    signal.throwIfAborted();
    const { suffix, others, more } = context;
    const sources = this.copies.sourcesFor(key, tokens, suffix, others, more);
    this.shareOut();
    const { neighbourGate } = this.options;
    if (neighbourGate && suffix !== undefined)
      this.suffixes.update(key, suffix);
    let neighbours: Neighbours | undefined;
    const { step, prefilled } = await this.states.prefill(
      key,
      tokens,
      signal,
      neighbourGate &&
        ((own) => {
          const behind = suffix === undefined ? suffix : this.suffixes.of(key);
          const parts = behind ? [own, behind] : [own];
          neighbours = joined(parts, this.nearVectors(context));
          return neighbours.vectors;
        }),
    );
    return new ModelContinuation(this.network, step, prefilled, sources, {
      ...this.options,
      neighbours,
      onGrowth: () => this.shareOut(),
    });
  }

  /**
   * Runs all of `tokens`, so that a later request anywhere in them finds an exact state nearby. If it is
   * aborted, the next call continues from there.
   *
   * @param suffix the text after the cursor's line, indexed as they are; absent: they go on beyond the
   *   cursor, and the indexes stay as they are
   * @throws the signal's reason when it is aborted
   */
  async readAhead(
    key: string,
    tokens: readonly number[],
    signal: AbortSignal,
    suffix?: string,
  ): Promise<void> {
    signal.throwIfAborted();
    if (suffix !== undefined) this.indexDocument(key, tokens, suffix);
    const toCaret = suffix !== undefined;
    await this.states.readAhead(key, tokens, signal, toCaret);
  }

  /**
   * Reads one of the files that a position may be compared with. If it is aborted, the next call continues
   * from there.
   *
   * @param index one of `Context.more`
   * @param start tokens before the file's text
   * @throws the signal's reason when it is aborted
   */
  async readFile(
    index: CopyIndex,
    start: readonly number[],
    signal: AbortSignal,
  ): Promise<void> {
    if (this.options.neighbourGate === undefined) return;
    await this.files.read(index, start, signal);
    this.shareOut();
  }

  /**
   * Reads the text behind the cursor's line of a document, which the position is compared with. If it is
   * aborted, the next call continues from there.
   *
   * @param start tokens before a text
   * @param suffix absent: the one of the last call of `prefill`
   * @throws the signal's reason when it is aborted
   */
  async readSuffix(
    key: string,
    start: readonly number[],
    signal: AbortSignal,
    suffix?: string,
  ): Promise<void> {
    signal.throwIfAborted();
    if (this.options.neighbourGate === undefined) return;
    if (suffix !== undefined) this.suffixes.update(key, suffix);
    await this.suffixes.read(key, start, signal);
    this.shareOut();
  }

  /** Indexes a document, so that others can copy from it; the network is not run. */
  indexDocument(key: string, tokens: readonly number[], suffix: string): void {
    this.copies.update(key, tokens, suffix);
    this.shareOut();
  }

  /**
   * Saves states along a document and the one at the last caret, for a later process.
   *
   * @throws the signal's reason when it is aborted
   */
  save(key: string, signal: AbortSignal): Promise<void> {
    return this.states.save(key, signal);
  }

  /** The key of the document that a copy index belongs to; undefined if it belongs to none here. */
  documentOf(index: CopyIndex): string | undefined {
    return this.copies.keyOf(index);
  }

  /** Drops a document's copy indexes; a running generation can no longer copy from it either. */
  stopCopying(key: string): void {
    this.copies.remove(key);
    this.suffixes.forget(key);
  }

  /** Forgets a document. */
  forget(key: string): void {
    this.states.forget(key);
    this.suffixes.forget(key);
    this.copies.remove(key);
  }

  /** The figures of a document; undefined if it has no entry. */
  report(key: string): DocumentReport | undefined {
    const states = this.states.report(key);
    const copyBytes = this.copies.bytesOf(key);
    if (states === undefined && copyBytes === 0) return undefined;
    const { bytes, ...rest } = states ?? nothingRead;
    return { ...rest, bytes: bytes + copyBytes };
  }

  /**
   * Vectors of the nearest other files that a position is compared with, as far as they are known: open
   * ones first, but half of them at most while there are others.
   */
  nearVectors({ others = [], more = [] }: Context): Followed[] {
    const isAny = ({ next }: Followed) => next.length > 0;
    const open = others
      .flatMap((key) => this.states.firstVectors(key, neighbourTokens) ?? [])
      .filter(isAny);
    const closed = more
      .slice(0, neighbourFiles)
      .flatMap((index) => this.files.of(index) ?? [])
      .filter(isAny);
    const half = Math.max(neighbourFiles / 2, neighbourFiles - closed.length);
    return [...open.slice(0, half), ...closed].slice(0, neighbourFiles);
  }

  /** Sets the budget of the states to what the copy indexes and files leave. */
  private shareOut(): void {
    this.states.budgetBytes =
      this.limitBytes / processBytesPerCountedByte -
      this.copies.usedBytes -
      this.vectorBytes;
  }

  /** Bytes of the vectors that are no document's own. */
  private get vectorBytes(): number {
    return this.files.bytes + this.suffixes.bytes;
  }
}

/** The vectors of a text's parts and of others, one after the other. */
function joined(
  own: readonly Followed[],
  others: readonly Followed[],
): Neighbours {
  const all = [...own, ...others];
  const lengthOf = (texts: readonly Followed[]) =>
    texts.reduce((sum, { next }) => sum + next.length, 0);
  const followers = new Int32Array(lengthOf(all));
  let length = 0;
  for (const { next } of all) {
    followers.set(next, length);
    length += next.length;
  }
  return {
    vectors: Buffer.concat(all.map(({ vectors }) => vectors)),
    next: followers,
    own: lengthOf(own),
  };
}

const nothingRead = {
  tokens: 0,
  checkpoints: 0,
  approximate: 0,
  bytes: 0,
  last: undefined,
};
