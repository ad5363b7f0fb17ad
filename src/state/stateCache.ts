import type { Gate } from "../engine/gate";
import type { LanguageModel, State, Step } from "../engine/model";
import type { NgramTable } from "../engine/ngramTable";
import { softmax } from "../engine/sampling";
import { CopyIndex } from "./copyIndex";

/** A place after some tokens, from which text can be generated. */
export interface Continuation {
  /** Tokens that had to be run to get here. */
  readonly prefilled: number;
  /** Probabilities of the next token, [V], copying included. */
  next(): Float32Array;
  /** One decode step: moves on behind `token`. */
  push(token: number): Promise<void>;
}

/** Before the first shown token at most this many tokens are run, whatever the file's size. */
const window = 512;
/** A checkpoint is kept at every multiple of this many tokens, and behind each prefill. */
const spacing = 256;

/** The recurrent state after the first `position` tokens of a document. */
interface Checkpoint {
  position: number;
  state: State;
}

/** What is known of one document. */
interface Entry {
  tokens: readonly number[];
  /** In order of position; each holds for the current `tokens`. */
  checkpoints: Checkpoint[];
  copies: CopyIndex;
}

/**
 * Recurrent states by document: a prefix that has been read once is not read again.
 *
 * An edit keeps every checkpoint before it, since the tokens up to there stay the same; the next
 * prefill starts from the nearest one. All documents share one budget of bytes; when it is spent,
 * the document that was not asked for the longest loses its checkpoints first.
 */
export class StateCache {
  /** In order of use, the latest last. */
  private readonly entries = new Map<string, Entry>();
  private bytes = 0;

  constructor(
    private readonly model: LanguageModel,
    private readonly options: {
      /** Bytes that the checkpoints of all documents may hold. */
      budget: number;
      gate?: Gate | undefined;
      ngrams?: NgramTable | undefined;
      /** Ids below stand for no text and are never copied. */
      firstText: number;
      /** Tokens at the start of every document that a window keeps, such as the path's header. */
      startLength?: (tokens: readonly number[]) => number;
    },
  ) {}

  /** Bytes held by all checkpoints. */
  get usedBytes(): number {
    return this.bytes;
  }

  /**
   * Brings the state behind `tokens`. Runs are short; between two of them the event loop is served
   * and the signal looked at.
   *
   * @param key the document; prefixes are shared between the calls of one key
   * @throws the signal's reason when it is aborted
   * @throws RangeError if there are no tokens
   */
  async prefill(
    key: string,
    tokens: readonly number[],
    signal: AbortSignal,
  ): Promise<Continuation> {
    if (tokens.length === 0)
      throw new RangeError("there is nothing to continue");
    const entry = this.follow(key, tokens);

    // The state before the last token is the one to keep: the last token is the first to change
    // when typing goes on, and its step gives the logits.
    const last = tokens.length - 1;
    let { position, state } = nearest(entry.checkpoints, last) ?? this.origin();
    let prefilled = 0;
    if (last - position > window) {
      // Too far to wait for: the document's start and a window before the place have to serve.
      const start = this.options.startLength?.(tokens) ?? 0;
      state = await this.model.advance(
        tokens.slice(0, start),
        this.model.emptyState,
      );
      position = Math.max(start, last - window + start);
      prefilled = start;
    }
    while (position < last) {
      signal.throwIfAborted();
      const milestone = (Math.floor(position / spacing) + 1) * spacing;
      const end = Math.min(position + this.model.runLength, milestone, last);
      state = await this.model.advance(tokens.slice(position, end), state);
      prefilled += end - position;
      position = end;
      if (position % spacing === 0)
        this.keep(entry, { position, state }, tokens);
    }
    signal.throwIfAborted();
    const step = await this.model.step([tokens[last]!], state);
    this.keep(entry, { position: last, state }, tokens);
    this.shrink(key);
    return new ModelContinuation(
      this.model,
      step,
      prefilled + 1,
      entry.copies,
      this.options,
    );
  }

  /** Forgets a document. */
  forget(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.entries.delete(key);
    for (const { state } of entry.checkpoints) this.bytes -= state.bytes;
  }

  /** The entry of `key`, cut back to what it shares with `tokens` and with its index grown to them. */
  private follow(key: string, tokens: readonly number[]): Entry {
    const entry = this.entries.get(key) ?? {
      tokens: [],
      checkpoints: [],
      copies: new CopyIndex(this.options.firstText),
    };
    const common = commonPrefix(entry.tokens, tokens);
    entry.tokens = tokens;
    while ((entry.checkpoints.at(-1)?.position ?? 0) > common) {
      this.bytes -= entry.checkpoints.pop()!.state.bytes;
    }
    if (this.options.gate !== undefined) {
      entry.copies.truncate(common);
      for (let i = common; i < tokens.length; i++)
        entry.copies.append(tokens[i]!);
    }
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry;
  }

  private origin(): Checkpoint {
    return { position: 0, state: this.model.emptyState };
  }

  private keep(
    entry: Entry,
    checkpoint: Checkpoint,
    tokens: readonly number[],
  ): void {
    // While this prefill waited, another may have moved the document on.
    if (entry.tokens !== tokens) return;
    const at = entry.checkpoints.findIndex(
      ({ position }) => position >= checkpoint.position,
    );
    if (at >= 0 && entry.checkpoints[at]!.position === checkpoint.position)
      return;
    entry.checkpoints.splice(
      at < 0 ? entry.checkpoints.length : at,
      0,
      checkpoint,
    );
    this.bytes += checkpoint.state.bytes;
  }

  private shrink(inUse: string): void {
    for (const key of this.entries.keys()) {
      if (this.bytes <= this.options.budget) return;
      if (key !== inUse) this.forget(key);
    }
    const entry = this.entries.get(inUse);
    while (
      entry !== undefined &&
      this.bytes > this.options.budget &&
      entry.checkpoints.length > 1
    ) {
      this.bytes -= entry.checkpoints.shift()!.state.bytes;
    }
  }
}

class ModelContinuation implements Continuation {
  /** Tokens in the index, which another prefill of the document would change. */
  private indexed: number;

  constructor(
    private readonly model: LanguageModel,
    private step: Step,
    readonly prefilled: number,
    private readonly copies: CopyIndex,
    private readonly mixture: {
      gate?: Gate | undefined;
      ngrams?: NgramTable | undefined;
    },
  ) {
    this.indexed = copies.length;
  }

  next(): Float32Array {
    const { logits, hidden } = this.step;
    const { gate, ngrams } = this.mixture;
    if (gate === undefined || this.copies.length !== this.indexed)
      return softmax(logits);
    return gate.mix(
      logits,
      hidden,
      this.copies.candidates(),
      ngrams?.candidates(this.copies.tail(ngrams.reach)) ?? [],
    );
  }

  async push(token: number): Promise<void> {
    this.step = await this.model.step([token], this.step.state);
    // A newer request for the document has taken the index on: this one copies no more.
    if (this.copies.length !== this.indexed) return;
    this.copies.append(token);
    this.indexed++;
  }
}

/** The last checkpoint at or before `position`. */
function nearest(
  checkpoints: readonly Checkpoint[],
  position: number,
): Checkpoint | undefined {
  return checkpoints.findLast((checkpoint) => checkpoint.position <= position);
}

/** How many tokens two sequences have in common from the start. */
function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length])
    length++;
  return length;
}
