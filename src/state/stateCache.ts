import type { LanguageModel, State, Step } from "../engine/model";
import {
  Checkpoints,
  maxPrefillTokens,
  nearestCheckpoint,
  type Checkpoint,
} from "./checkpoints";
import type { StateStore } from "./stateStore";
import { TokenVectors, vectorReach, type Followed } from "./tokenVectors";

/** Least tokens between saved states, except before the one at the last caret. */
const minSavedGap = 2048;
/**
 * Bytes counted for a token of a document: in its entry here the token and a hash, in its
 * `TokenisedDocument` the token again and the two ends of its piece.
 */
const bytesPerToken = 32;
const none = new Uint8Array(0);
/** Share of what the tokens leave of the budget that the vectors of one document may take. */
const vectorShare = 1 / 2;
/** Bytes reserved for each byte of vectors, at most. */
const reservedShare = 5 / 4;

/** How a prefill found the state to start from, and how many tokens it ran. */
export interface Prefilled {
  /** Number of tokens that were run, the last one included. */
  readonly run: number;
  /** The state before the first of them. */
  readonly from: "start" | "checkpoint" | "saved state" | "window";
  /** Whether the resulting state equals that of a fresh prefill of all tokens. */
  readonly exact: boolean;
  /** Tokens between the nearest exact state and the last token. */
  readonly distance: number;
}

/** Figures of a document for _Show State_. */
export interface StateReport {
  readonly tokens: number;
  readonly checkpoints: number;
  readonly approximate: number;
  readonly bytes: number;
  readonly last: Prefilled | undefined;
}

interface Entry {
  readonly checkpoints: Checkpoints;
  readonly vectors: TokenVectors;
  last: Prefilled | undefined;
}

/** A state and how many tokens are before it. */
interface StateAt {
  position: number;
  state: State;
}

export interface StateCacheOptions {
  /** Most bytes of the states, vectors and tokens of all documents. */
  budgetBytes: number;
  /** Number of tokens at a prompt's start that an approximate prefill reads, such as the path. */
  startLength?: (tokens: readonly number[]) => number;
  /** Keeps states on disk; absent: none are kept. */
  store?: StateStore | undefined;
}

/**
 * The checkpoints of all documents: a prefix that was read once is not read again.
 *
 * All documents share one budget of bytes. When it is exceeded, the checkpoint with the least expected
 * savings is dropped; the savings of a document count less the longer it has not been used.
 */
export class StateCache {
  /** In order of use, the latest last. */
  private readonly entries = new Map<string, Entry>();

  private readonly store: StateStore | undefined;
  private readonly startLength: (tokens: readonly number[]) => number;
  private limitBytes: number;

  constructor(
    private readonly model: LanguageModel,
    { budgetBytes, startLength = () => 0, store }: StateCacheOptions,
  ) {
    this.limitBytes = budgetBytes;
    this.startLength = startLength;
    this.store = store;
  }

  /** Bytes of all documents' states, vectors and tokens. */
  get usedBytes(): number {
    let bytes = 0;
    for (const entry of this.entries.values()) bytes += this.bytesOf(entry);
    return bytes;
  }

  set budgetBytes(bytes: number) {
    this.limitBytes = bytes;
    this.shrink();
  }

  /**
   * Computes the network's step for the last of `tokens` by running at most 512 of them. It does so in
   * short runs; between two of them the event loop is served and the signal checked.
   *
   * @param key the document; calls with the same key share prefixes
   * @param neighboursOf given the document's own vectors in reach, says which ones to compare the last
   *   token's with
   * @returns the step of the last token, and how the state to start from was found
   * @throws the signal's reason when it is aborted
   * @throws RangeError if there are no tokens
   */
  async prefill(
    key: string,
    tokens: readonly number[],
    signal: AbortSignal,
    neighboursOf?: (own: Followed) => Uint8Array,
  ): Promise<{ step: Step; prefilled: Prefilled }> {
    if (tokens.length === 0)
      throw new RangeError("there is nothing to continue");
    const entry = this.updateEntry(key, tokens);
    const { checkpoints } = entry;

    const last = tokens.length - 1;
    const end = keptPosition(tokens.length);
    checkpoints.addCaret(end);
    let known = nearestUsable(entry, end);
    let from: Prefilled["from"] = known ? "checkpoint" : "start";
    if (last - (known?.position ?? 0) >= maxPrefillTokens) {
      const saved = await this.restore(entry, tokens, end);
      if (saved !== undefined) {
        known = saved;
        from = "saved state";
      }
    }
    const distance = last - (known?.position ?? 0);
    const exact = distance < maxPrefillTokens;
    let start: StateAt = known ?? this.origin();
    let run = 0;
    if (!exact) {
      const near = nearestCheckpoint(checkpoints.approximate, end);
      from = "window";
      if (near !== undefined && last - near.position < maxPrefillTokens)
        start = near;
      else {
        ({ start, run } = await this.startApproximate(tokens));
      }
    }
    run += tokens.length - start.position;
    const kind = exact ? "exact" : "approximate";
    const state = await this.prefillTo(entry, tokens, start, end, kind, signal);
    signal.throwIfAborted();
    const isPresent = checkpoints.tokens === tokens;
    const own = entry.vectors.followedBefore(isPresent ? end : 0);
    const step = await this.model.step(
      tokens.slice(end),
      state,
      undefined,
      neighboursOf?.(own),
    );
    entry.last = { run, from, exact, distance };
    this.shrink();
    return { step, prefilled: entry.last };
  }

  /**
   * Runs all of `tokens`, so that a later request anywhere in them finds an exact state nearby. If it is
   * aborted, the next call continues from there.
   *
   * @param toCaret whether they end at the cursor
   * @throws the signal's reason when it is aborted
   */
  async readAhead(
    key: string,
    tokens: readonly number[],
    signal: AbortSignal,
    toCaret = true,
  ): Promise<void> {
    const entry = this.updateEntry(key, tokens);
    const end = keptPosition(tokens.length);
    if (toCaret) entry.checkpoints.addCaret(end);
    const start =
      (await this.restore(entry, tokens, end)) ??
      nearestUsable(entry, end) ??
      this.origin();
    await this.prefillTo(entry, tokens, start, end, "exact", signal);
    this.shrink();
  }

  /**
   * Saves states along a document and the one at the last caret, for a later process.
   *
   * @throws the signal's reason when it is aborted
   */
  async save(key: string, signal: AbortSignal): Promise<void> {
    const { store } = this;
    const entry = this.entries.get(key);
    if (store === undefined || entry === undefined) return;
    const { checkpoints, vectors } = entry;
    const { tokens } = checkpoints;
    const ended = nearestCheckpoint(
      checkpoints.exact,
      Math.min(checkpoints.caret, tokens.length),
    );
    let saved = 0;
    for (const checkpoint of [...checkpoints.exact]) {
      const { position, hash, state } = checkpoint;
      // Nearer to the start, running the tokens again is as fast.
      if (position < maxPrefillTokens || position > tokens.length) continue;
      const isSaved = store.find(position, hash);
      if (!isSaved && checkpoint !== ended && position - saved < minSavedGap)
        continue;
      signal.throwIfAborted();
      if (!isSaved) {
        // Without its vectors a state could not be used.
        if (vectors.startFor(position) < position) continue;
        // A copy: an edit may change them before they are written.
        const saving = { state, vectors: vectors.before(position).slice() };
        await store.saveOf(key, position, hash, tokens, saving);
        if (checkpoints.tokens !== tokens) return;
      }
      saved = position;
    }
  }

  /**
   * The vectors of the first tokens of a document's text, as far as they are known; undefined if it has no
   * entry.
   */
  firstVectors(key: string, most: number): Followed | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    const start = this.startLength(entry.checkpoints.tokens);
    // What follows the last token before the text is the text's first.
    return entry.vectors.followedFrom(Math.max(0, start - 1), most);
  }

  /** Forgets a document. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  /** The figures of a document; undefined if it has no entry. */
  report(key: string): StateReport | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    const { checkpoints, last } = entry;
    return {
      tokens: checkpoints.tokens.length,
      checkpoints: checkpoints.exact.length,
      approximate: checkpoints.approximate.length,
      bytes: this.bytesOf(entry),
      last,
    };
  }

  /** Sets the tokens of `key` and makes its entry the latest in use. */
  private updateEntry(key: string, tokens: readonly number[]): Entry {
    const entry = this.entryOf(key);
    entry.checkpoints.update(tokens);
    entry.vectors.update(tokens);
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry;
  }

  private entryOf(key: string): Entry {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = {
        checkpoints: new Checkpoints(),
        vectors: new TokenVectors(this.model.vectorWidth ?? 0),
        last: undefined,
      };
      this.entries.set(key, entry);
    }
    return entry;
  }

  /** Loads the last saved state up to `end`, if it is nearer than every checkpoint in memory. */
  private async restore(
    entry: Entry,
    tokens: readonly number[],
    end: number,
  ): Promise<Checkpoint | undefined> {
    const { store } = this;
    const { checkpoints } = entry;
    const known = nearestUsable(entry, end)?.position ?? 0;
    const position = store
      ?.positions()
      .findLast(
        (at) =>
          at > known &&
          at <= end &&
          at % 2 === 0 &&
          store.find(at, checkpoints.hashAt(at)),
      );
    if (store === undefined || position === undefined) return undefined;
    const hash = checkpoints.hashAt(position);
    const saved = await store.load(position, hash, tokens);
    if (saved === undefined) return undefined;
    const { state, vectors } = saved;
    if (checkpoints.tokens === tokens) {
      checkpoints.add("exact", position, state);
      const start = Math.max(0, position - vectorReach);
      entry.vectors.add({ start, vectors }, this.mostVectors(tokens.length));
    }
    return { position, hash, state };
  }

  private origin(): StateAt {
    return { position: 0, state: this.model.emptyState };
  }

  /** The state to start an approximate prefill from: it has read the start of the prompt. */
  private async startApproximate(
    tokens: readonly number[],
  ): Promise<{ start: StateAt; run: number }> {
    const header = this.startLength(tokens);
    const start = Math.min(header, maxPrefillTokens / 2);
    const state = await this.model.advance(
      tokens.slice(0, start),
      this.model.emptyState,
    );
    const position = tokens.length - (maxPrefillTokens - start);
    return { start: { position, state }, run: start };
  }

  /** Runs the tokens from a state up to `end` and adds a checkpoint after each run. */
  private async prefillTo(
    { checkpoints, vectors }: Entry,
    tokens: readonly number[],
    { position, state }: StateAt,
    end: number,
    kind: "exact" | "approximate",
    signal: AbortSignal,
  ): Promise<State> {
    while (position < end) {
      signal.throwIfAborted();
      const next = Math.min(position + evenRunLength(this.model), end);
      const run = tokens.slice(position, next);
      const step = await this.model.step(run, state, []);
      const made = { start: position, vectors: step.vectors ?? none };
      ({ state } = step);
      position = next;
      // Another call may have changed the document's tokens meanwhile.
      if (checkpoints.tokens !== tokens) continue;
      checkpoints.add(kind, position, state);
      if (kind === "exact") vectors.add(made, this.mostVectors(tokens.length));
      this.shrink();
    }
    return state;
  }

  /** The most vectors that are kept of a document with so many tokens. */
  private mostVectors(tokens: number): number {
    const { vectorWidth = 1 } = this.model;
    const room = (this.limitBytes - tokens * bytesPerToken) * vectorShare;
    const most = Math.floor(room / (vectorWidth * reservedShare));
    return Math.max(2 * vectorReach, most);
  }

  private bytesOf({ checkpoints, vectors }: Entry): number {
    const states = checkpoints.exact.length + checkpoints.approximate.length;
    return (
      vectors.bytes +
      states * this.model.emptyState.bytes +
      checkpoints.tokens.length * bytesPerToken
    );
  }

  /**
   * Drops vectors kept aside, then checkpoints, until the budget is kept, and with its last checkpoint a
   * document's entry. The entry of the latest document always stays.
   */
  private shrink(): void {
    const latest = [...this.entries.keys()].at(-1);
    if (this.usedBytes > this.limitBytes)
      for (const { vectors } of this.entries.values()) vectors.dropAside();
    let excess = this.usedBytes - this.limitBytes;
    while (excess > 0) {
      let least: Least | undefined;
      let age = this.entries.size;
      for (const [key, entry] of this.entries) {
        const candidate = entry.checkpoints.leastUseful();
        const worth = (candidate?.worth ?? 0) / age--;
        if (candidate === undefined && key === latest) continue;
        if (least === undefined || worth < least.worth)
          least = { key, entry, worth, drop: candidate?.drop };
      }
      if (least === undefined) return;
      const before = this.bytesOf(least.entry);
      least.drop?.();
      const isEmpty = least.entry.checkpoints.leastUseful() === undefined;
      if (isEmpty && least.key !== latest) this.entries.delete(least.key);
      const after = this.entries.has(least.key) ? this.bytesOf(least.entry) : 0;
      excess -= before - after;
    }
  }
}

/**
 * The position of the checkpoint of a prefill: before the last one or two tokens, since these change
 * first when typing goes on, and since running them again gives the logits.
 *
 * All positions of exact states are even, and so are the lengths of the runs between them: matrix
 * products of an even number of rows agree bit for bit, those of an odd number round otherwise. So the
 * same tokens give the same logits, bit for bit, however the runs before were cut.
 */
export function keptPosition(length: number): number {
  const last = length - 1;
  return last - (last % 2);
}

/**
 * The last checkpoint up to a position from which the vectors in its reach are known as well. So the same
 * tokens are compared with the same neighbours, whatever was read before.
 */
function nearestUsable(
  { checkpoints, vectors }: Entry,
  position: number,
): Checkpoint | undefined {
  return nearestCheckpoint(checkpoints.exact, vectors.startFor(position));
}

/** The longest even length of a run: what rounds alike is read in such runs (`keptPosition`). */
export function evenRunLength({ runLength }: LanguageModel): number {
  return Math.max(2, runLength - (runLength % 2));
}

/** The checkpoint, or empty entry, with the least expected savings. */
interface Least {
  readonly key: string;
  readonly entry: Entry;
  readonly worth: number;
  /** Drops a checkpoint; undefined where the document has none. */
  readonly drop: (() => void) | undefined;
}
