import type { LanguageModel, State } from "../engine/model";
import { evenRunLength } from "../state/stateCache";
import { followed, type Followed } from "../state/tokenVectors";

/** A text that the network reads by itself, so that positions of others can be compared with its own. */
export class Reading {
  private readonly tokens: readonly number[];
  private readonly vectors: Uint8Array;
  private state: State;
  private done = 0;

  /**
   * @param start tokens before the text
   * @param text its first tokens
   */
  constructor(
    private readonly network: LanguageModel,
    private readonly start: readonly number[],
    text: readonly number[],
  ) {
    const all = [...start, ...text];
    // All runs are even, so that the vectors are the same, bit for bit, at any speed.
    this.tokens = all.slice(0, all.length - (all.length % 2));
    this.vectors = new Uint8Array(this.tokens.length * this.width);
    this.state = network.emptyState;
  }

  /** Bytes of the vectors, and of the state of a text that has been read in part. */
  get bytes(): number {
    const { vectors, state, network } = this;
    const isBetween = state !== network.emptyState;
    return vectors.byteLength + (isBetween ? state.bytes : 0);
  }

  /** Whether these are the tokens before the text. */
  startsWith(start: readonly number[]): boolean {
    return (
      start.length === this.start.length &&
      start.every((token, i) => token === this.start[i])
    );
  }

  /** The text's vectors; undefined until all has been read. */
  get followed(): Followed | undefined {
    if (this.done < this.tokens.length) return undefined;
    // What follows the last one before the text is the text's first token.
    const start = Math.max(0, this.start.length - 1);
    const ofText = this.vectors.subarray(start * this.width);
    return followed({ start, vectors: ofText }, this.tokens, this.width);
  }

  /**
   * Reads the text to its end. If it is aborted, the next call continues from there.
   *
   * @throws the signal's reason when it is aborted
   */
  async read(signal: AbortSignal): Promise<void> {
    while (this.done < this.tokens.length) {
      signal.throwIfAborted();
      const { done, network } = this;
      const run = this.tokens.slice(done, done + evenRunLength(network));
      const step = await network.step(run, this.state, []);
      this.vectors.set(step.vectors!, done * this.width);
      this.state = step.state;
      this.done += run.length;
    }
    // It is large, and not needed any more.
    this.state = this.network.emptyState;
  }

  private get width(): number {
    return this.network.vectorWidth ?? 0;
  }
}
