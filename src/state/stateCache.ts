import type { Gate } from "../engine/gate";
import type { LanguageModel, State } from "../engine/model";
import type { NgramTable } from "../engine/ngramTable";
import type { Tokenizer } from "../tokenizer/tokenizer";
import {
  ModelContinuation,
  type Continuation,
  type OtherCopies,
  type Prefilled,
} from "../runtime/continuation";
import { CopyIndex } from "../copying/copyIndex";
import { Ladder, mostRun, nearest, type Checkpoint } from "./checkpoints";
import type { StateStore } from "./stateStore";
import { TextBehind } from "../copying/suffixIndex";

/** States on disk are at least this many tokens apart, but for the one where work ended. */
const savedApart = 2048;
/**
 * Bytes that a token of a document takes besides the index: here as a number and as a hash, in the
 * document's own tokens as a number, and twice where its piece ends (`TokenisedDocument`).
 */
const bytesPerToken = 32;

/**
 * Bytes of the process for each byte counted, as measured by `bench:state --memory`: what was given
 * up is freed late, the allocator leaves holes, and documents without states keep their tokens.
 */
const overhead = 2;

/** What is known of a document, for people. */
export interface StateReport {
  readonly tokens: number;
  readonly checkpoints: number;
  readonly approximate: number;
  readonly bytes: number;
  readonly last: Prefilled | undefined;
}

/** What is known of one document. */
interface Entry {
  readonly ladder: Ladder;
  /** The text before the place asked for last, and the one behind it. */
  readonly before: CopyIndex;
  readonly behind: TextBehind;
  last: Prefilled | undefined;
}

/** A state and how many tokens are before it. */
interface Place {
  position: number;
  state: State;
}

/** What a suggestion may copy from besides the text before its place. */
export interface CopySources {
  /** The document from the end of the place's line on. */
  readonly behind?: string;
  /** Keys of other documents. */
  readonly others?: readonly string[];
}

/** What is mixed with what the network expects. */
export interface Mixture {
  /** With a gate, suggestions copy; without, copies are only tried as drafts. */
  readonly gate?: Gate | undefined;
  readonly ngrams?: NgramTable | undefined;
  /** Ids below stand for no text and are never copied. */
  readonly firstText: number;
}

export interface StateCacheOptions extends Mixture {
  /** Bytes that all documents may take. */
  budget: number;
  tokenizer: Tokenizer;
  /** Tokens at the start of every document that a window keeps, such as the path's header. */
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

  constructor(
    private readonly model: LanguageModel,
    private readonly options: StateCacheOptions,
  ) {}

  /** Bytes that the process holds for all documents. */
  get usedBytes(): number {
    let bytes = 0;
    for (const entry of this.entries.values()) bytes += this.bytesOf(entry);
    return overhead * bytes;
  }

  get budget(): number {
    return this.options.budget;
  }

  set budget(bytes: number) {
    this.options.budget = bytes;
    this.shrink();
  }

  /**
   * Brings the state behind `tokens`, by at most 512 tokens. Runs are short; between two of them the
   * event loop is served and the signal looked at.
   *
   * @param key the document; prefixes are shared between the calls of one key
   * @param sources what may be copied from; none unless given
   * @throws the signal's reason when it is aborted
   * @throws RangeError if there are no tokens
   */
  async prefill(
    key: string,
    tokens: readonly number[],
    signal: AbortSignal,
    sources: CopySources = {},
  ): Promise<Continuation> {
    if (tokens.length === 0)
      throw new RangeError("there is nothing to continue");
    const entry = this.follow(key, tokens);
    const copies = this.index(entry, tokens, sources);
    const { ladder } = entry;

    // The state before the last token is the one to keep: the last token is the first to change
    // when typing goes on, and its step gives the logits.
    const last = tokens.length - 1;
    ladder.visit(last);
    let known = nearest(ladder.exact, last);
    let from: Prefilled["from"] = known ? "checkpoint" : "start";
    if (last - (known?.position ?? 0) >= mostRun) {
      const saved = await this.restore(ladder, tokens, last);
      if (saved !== undefined) {
        known = saved;
        from = "saved state";
      }
    }
    const distance = last - (known?.position ?? 0);
    const exact = distance < mostRun;
    let place: Place = known ?? this.origin();
    let run = 1;
    if (!exact) {
      const near = nearest(ladder.approximate, last);
      from = "window";
      if (near !== undefined && last - near.position < mostRun) place = near;
      else {
        ({ place, run } = await this.openWindow(tokens, last));
      }
    }
    run += last - place.position;
    const kind = exact ? "exact" : "approximate";
    const state = await this.read(ladder, tokens, place, last, kind, signal);
    signal.throwIfAborted();
    const step = await this.model.step([tokens[last]!], state);
    entry.last = { run, from, exact, distance };
    this.shrink();
    return new ModelContinuation(
      this.model,
      step,
      entry.last,
      entry.before,
      copies,
      { ...this.options, grown: () => this.shrink() },
    );
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
    behind = "",
  ): Promise<void> {
    const entry = this.follow(key, tokens);
    this.index(entry, tokens, { behind });
    const { ladder } = entry;
    const end = tokens.length - 1;
    ladder.visit(end);
    const place =
      (await this.restore(ladder, tokens, end)) ??
      nearest(ladder.exact, end) ??
      this.origin();
    await this.read(ladder, tokens, place, end, "exact", signal);
    this.shrink();
  }

  /** Saves states along a document and the one where work ended, for a later process. */
  async save(key: string): Promise<void> {
    const { store } = this.options;
    const ladder = this.entries.get(key)?.ladder;
    if (store === undefined || ladder === undefined) return;
    const { tokens } = ladder;
    const ended = nearest(ladder.exact, Math.min(ladder.place, tokens.length));
    let saved = 0;
    for (const rung of [...ladder.exact]) {
      const { position, hash, state } = rung;
      // Nearer to the start, reading again is as fast.
      if (position < mostRun || position > tokens.length) continue;
      const isSaved = store.find(position, hash);
      if (!isSaved && rung !== ended && position - saved < savedApart) continue;
      if (!isSaved) await store.save(position, hash, tokens, state);
      saved = position;
    }
  }

  /** Takes note of a document, so that others can copy from it; nothing is read. */
  note(key: string, tokens: readonly number[], behind: string): void {
    this.index(this.entryOf(key), tokens, { behind });
    this.shrink();
  }

  /** Forgets a document. */
  forget(key: string): void {
    this.entries.delete(key);
  }

  /** What is known of a document; undefined if nothing is. */
  report(key: string): StateReport | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    const { ladder, last } = entry;
    return {
      tokens: ladder.tokens.length,
      checkpoints: ladder.exact.length,
      approximate: ladder.approximate.length,
      bytes: this.bytesOf(entry),
      last,
    };
  }

  /** The entry of `key`, moved on to `tokens`, as the latest in use. */
  private follow(key: string, tokens: readonly number[]): Entry {
    const entry = this.entryOf(key);
    entry.ladder.follow(tokens);
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry;
  }

  private entryOf(key: string): Entry {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      const { tokenizer, firstText } = this.options;
      entry = {
        ladder: new Ladder(),
        before: new CopyIndex(firstText),
        behind: new TextBehind(tokenizer, firstText),
        last: undefined,
      };
      this.entries.set(key, entry);
    }
    return entry;
  }

  /** Moves the indexes of an entry on; returns what besides the text before the place may be copied from. */
  private index(
    { before, behind }: Entry,
    tokens: readonly number[],
    sources: CopySources,
  ): OtherCopies {
    before.follow(tokens);
    const near: CopyIndex[] = [];
    const far: CopyIndex[] = [];
    if (sources.behind !== undefined) {
      behind.follow(sources.behind);
      near.push(behind.index);
    }
    for (const key of sources.others ?? []) {
      const other = this.entries.get(key);
      if (other !== undefined) far.push(other.before, other.behind.index);
    }
    return { near, far };
  }

  /** Fetches the last saved state before `end`, if it is nearer than all there are. */
  private async restore(
    ladder: Ladder,
    tokens: readonly number[],
    end: number,
  ): Promise<Checkpoint | undefined> {
    const { store } = this.options;
    const known = nearest(ladder.exact, end)?.position ?? 0;
    const position = store
      ?.positions()
      .findLast(
        (at) => at > known && at <= end && store.find(at, ladder.hashAt(at)),
      );
    if (store === undefined || position === undefined) return undefined;
    const hash = ladder.hashAt(position);
    const state = await store.load(position, hash, tokens);
    if (state === undefined) return undefined;
    if (ladder.tokens === tokens) ladder.add("exact", position, state);
    return { position, hash, state };
  }

  private origin(): Place {
    return { position: 0, state: this.model.emptyState };
  }

  /** The document's start and, from there on, the text shortly before a place. */
  private async openWindow(
    tokens: readonly number[],
    last: number,
  ): Promise<{ place: Place; run: number }> {
    const header = this.options.startLength?.(tokens) ?? 0;
    const start = Math.min(header, mostRun / 2);
    const state = await this.model.advance(
      tokens.slice(0, start),
      this.model.emptyState,
    );
    const position = last - (mostRun - 1 - start);
    return { place: { position, state }, run: start + 1 };
  }

  /** Runs the tokens between two places and keeps the states on the way. */
  private async read(
    ladder: Ladder,
    tokens: readonly number[],
    { position, state }: Place,
    end: number,
    kind: "exact" | "approximate",
    signal: AbortSignal,
  ): Promise<State> {
    while (position < end) {
      signal.throwIfAborted();
      const next = Math.min(position + this.model.runLength, end);
      state = await this.model.advance(tokens.slice(position, next), state);
      position = next;
      // While this waited, the document may have moved on, with another call.
      if (ladder.tokens !== tokens) continue;
      ladder.add(kind, position, state);
      this.shrink();
    }
    return state;
  }

  private bytesOf({ ladder, before, behind }: Entry): number {
    const states = ladder.exact.length + ladder.approximate.length;
    return (
      states * this.model.emptyState.bytes +
      ladder.tokens.length * bytesPerToken +
      before.bytes +
      behind.index.bytes
    );
  }

  /**
   * Gives up checkpoints until all fit into the budget; a document that has none left goes whole.
   * The latest document always stays.
   */
  private shrink(): void {
    const latest = [...this.entries.keys()].at(-1);
    let excess = this.usedBytes - this.options.budget;
    while (excess > 0) {
      let least: Least | undefined;
      let age = this.entries.size;
      for (const [key, entry] of this.entries) {
        const candidate = entry.ladder.least();
        const worth = (candidate?.worth ?? 0) / age--;
        if (candidate === undefined && key === latest) continue;
        if (least === undefined || worth < least.worth)
          least = { key, entry, worth, drop: candidate?.drop };
      }
      if (least === undefined) return;
      const before = this.bytesOf(least.entry);
      least.drop?.();
      const isEmpty = least.entry.ladder.least() === undefined;
      if (isEmpty && least.key !== latest) this.entries.delete(least.key);
      const after = this.entries.has(least.key) ? this.bytesOf(least.entry) : 0;
      excess -= overhead * (before - after);
    }
  }
}

/** What can be given up with the least loss. */
interface Least {
  readonly key: string;
  readonly entry: Entry;
  readonly worth: number;
  /** Drops a checkpoint; undefined where the document has none. */
  readonly drop: (() => void) | undefined;
}
