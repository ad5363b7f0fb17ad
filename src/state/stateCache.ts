import type { LanguageModel, State, Step } from "../engine/model";
import {
  Checkpoints,
  maxPrefillTokens,
  nearestCheckpoint,
  type Checkpoint,
} from "./checkpoints";
import type { StateStore } from "./stateStore";

/** States on disk are at least this many tokens apart, but for the one where work ended. */
const minSavedGap = 2048;
/**
 * Bytes that a token of a document takes: here as a number and as a hash, in the document's own
 * tokens as a number, and twice where its piece ends (`TokenisedDocument`).
 */
const bytesPerToken = 32;

/** How the state before a document's last token was found, and the tokens that were run for it. */
export interface Prefilled {
  /** Tokens that were run, the last one included. */
  readonly run: number;
  /** Where the first of them started. */
  readonly from: "start" | "checkpoint" | "saved state" | "window";
  /** Whether it is the state that a fresh prefill of all tokens would give. */
  readonly exact: boolean;
  /** Tokens between the nearest exact state and the last token. */
  readonly distance: number;
}

/** What is known of a document. */
export interface StateReport {
  readonly tokens: number;
  readonly checkpoints: number;
  readonly approximate: number;
  readonly bytes: number;
  readonly last: Prefilled | undefined;
}

/** What is known of one document. */
interface Entry {
  readonly checkpoints: Checkpoints;
  last: Prefilled | undefined;
}

/** A state and how many tokens are before it. */
interface StateAt {
  position: number;
  state: State;
}

export interface StateCacheOptions {
  /** Bytes that all documents may take. */
  budgetBytes: number;
  /** Tokens at the start of every document that an approximate prefill keeps, such as the path's header. */
  startLength?: (tokens: readonly number[]) => number;
  /** Where states outlive the process. */
  store?: StateStore | undefined;
}

/**
 * Recurrent states by document: a prefix that has been read once is not read again.
 *
 * All documents share one budget of bytes. When it is spent, the checkpoint is given up that saves
 * the fewest tokens, one in a document that was not used for long counting less.
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

  /** Bytes of all documents' states and tokens. */
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
   * Computes what follows `tokens`, by a run of at most 512 of them. Runs are short; between two of
   * them the event loop is served and the signal looked at.
   *
   * @param key the document; prefixes are shared between the calls of one key
   * @returns the step of the last token, and how the state before it was found
   * @throws the signal's reason when it is aborted
   * @throws RangeError if there are no tokens
   */
  async prefill(
    key: string,
    tokens: readonly number[],
    signal: AbortSignal,
  ): Promise<{ step: Step; prefilled: Prefilled }> {
    if (tokens.length === 0)
      throw new RangeError("there is nothing to continue");
    const entry = this.updateEntry(key, tokens);
    const { checkpoints } = entry;

    const last = tokens.length - 1;
    const end = keptPosition(tokens);
    checkpoints.addCaret(end);
    let known = nearestCheckpoint(checkpoints.exact, end);
    let from: Prefilled["from"] = known ? "checkpoint" : "start";
    if (last - (known?.position ?? 0) >= maxPrefillTokens) {
      const saved = await this.restore(checkpoints, tokens, end);
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
    const state = await this.prefillTo(
      checkpoints,
      tokens,
      start,
      end,
      kind,
      signal,
    );
    signal.throwIfAborted();
    const step = await this.model.step(tokens.slice(end), state);
    entry.last = { run, from, exact, distance };
    this.shrink();
    return { step, prefilled: entry.last };
  }

  /**
   * Reads `tokens` so that a later request in them finds an exact state near it, however many they
   * are. Given up at any time, it goes on from there when called again.
   *
   * @throws the signal's reason when it is aborted
   */
  async readAhead(
    key: string,
    tokens: readonly number[],
    signal: AbortSignal,
  ): Promise<void> {
    const { checkpoints } = this.updateEntry(key, tokens);
    const end = keptPosition(tokens);
    checkpoints.addCaret(end);
    const start =
      (await this.restore(checkpoints, tokens, end)) ??
      nearestCheckpoint(checkpoints.exact, end) ??
      this.origin();
    await this.prefillTo(checkpoints, tokens, start, end, "exact", signal);
    this.shrink();
  }

  /**
   * Saves states along a document and the one where work ended, for a later process.
   *
   * @throws the signal's reason when it is aborted
   */
  async save(key: string, signal: AbortSignal): Promise<void> {
    const { store } = this;
    const checkpoints = this.entries.get(key)?.checkpoints;
    if (store === undefined || checkpoints === undefined) return;
    const { tokens } = checkpoints;
    const ended = nearestCheckpoint(
      checkpoints.exact,
      Math.min(checkpoints.caret, tokens.length),
    );
    let saved = 0;
    for (const checkpoint of [...checkpoints.exact]) {
      const { position, hash, state } = checkpoint;
      // Nearer to the start, reading again is as fast.
      if (position < maxPrefillTokens || position > tokens.length) continue;
      const isSaved = store.find(position, hash);
      if (!isSaved && checkpoint !== ended && position - saved < minSavedGap)
        continue;
      signal.throwIfAborted();
      if (!isSaved) await store.saveOf(key, position, hash, tokens, state);
      saved = position;
    }
  }

  /** Forgets a document. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  /** What is known of a document; undefined if nothing is. */
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

  /** The entry of `key`, moved on to `tokens`, as the latest in use. */
  private updateEntry(key: string, tokens: readonly number[]): Entry {
    const entry = this.entryOf(key);
    entry.checkpoints.update(tokens);
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry;
  }

  private entryOf(key: string): Entry {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { checkpoints: new Checkpoints(), last: undefined };
      this.entries.set(key, entry);
    }
    return entry;
  }

  /** Fetches the last saved state before `end`, if it is nearer than all there are. */
  private async restore(
    checkpoints: Checkpoints,
    tokens: readonly number[],
    end: number,
  ): Promise<Checkpoint | undefined> {
    const { store } = this;
    const known = nearestCheckpoint(checkpoints.exact, end)?.position ?? 0;
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
    const state = await store.load(position, hash, tokens);
    if (state === undefined) return undefined;
    if (checkpoints.tokens === tokens)
      checkpoints.add("exact", position, state);
    return { position, hash, state };
  }

  private origin(): StateAt {
    return { position: 0, state: this.model.emptyState };
  }

  /** The document's start and, from there on, the text shortly before the end of `tokens`. */
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

  /** Runs the tokens between two positions and keeps the states on the way. */
  private async prefillTo(
    checkpoints: Checkpoints,
    tokens: readonly number[],
    { position, state }: StateAt,
    end: number,
    kind: "exact" | "approximate",
    signal: AbortSignal,
  ): Promise<State> {
    while (position < end) {
      signal.throwIfAborted();
      const { runLength } = this.model;
      const length = Math.max(2, runLength - (runLength % 2));
      const next = Math.min(position + length, end);
      state = await this.model.advance(tokens.slice(position, next), state);
      position = next;
      // While this waited, the document may have moved on, with another call.
      if (checkpoints.tokens !== tokens) continue;
      checkpoints.add(kind, position, state);
      this.shrink();
    }
    return state;
  }

  private bytesOf({ checkpoints }: Entry): number {
    const states = checkpoints.exact.length + checkpoints.approximate.length;
    return (
      states * this.model.emptyState.bytes +
      checkpoints.tokens.length * bytesPerToken
    );
  }

  /**
   * Gives up checkpoints until all fit into the budget; a document that has none left goes whole.
   * The latest document always stays.
   */
  private shrink(): void {
    const latest = [...this.entries.keys()].at(-1);
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
 * The position of the state to keep before the last of some tokens: they are the first to change when
 * typing goes on, and their step gives the logits.
 *
 * It is even, as all positions of exact states are, so that the runs between them are: products of an
 * odd number of rows, one among them, round in another way than products of many, those of an even
 * number do not. So the same tokens give the same logits, bit for bit, whatever was read before.
 */
function keptPosition(tokens: readonly number[]): number {
  const last = tokens.length - 1;
  return last - (last % 2);
}

/** What can be given up with the least loss. */
interface Least {
  readonly key: string;
  readonly entry: Entry;
  readonly worth: number;
  /** Drops a checkpoint; undefined where the document has none. */
  readonly drop: (() => void) | undefined;
}
