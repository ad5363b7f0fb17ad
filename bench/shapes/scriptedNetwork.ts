import type { LanguageModel, State, Step } from "../../src/engine/model";
import { encode, type Tokenizer } from "../../src/tokenizer/tokenizer";

/** Probability of each token that is to be written. */
const certainty = 0.995;
/** Bytes before a position by which it is found in the text. */
const known = 200;
/** Bytes before the cursor at most that a model is not given, since it writes them again. */
const mostHealed = 40;

interface ReadState extends State {
  /** The last bytes read, as Latin-1. */
  readonly read: string;
}

/** The text before the cursor, and what is to be written there; ASCII. */
export interface Script {
  readonly typed: string;
  readonly toWrite: string;
}

/**
 * A network that computes all that it would compute, and then says that a given text comes next: one
 * with random weights takes as long as a trained one, but would be too unsure to be shown.
 */
export class ScriptedNetwork implements LanguageModel {
  readonly emptyState: ReadState;
  readonly vocabularySize: number;

  constructor(
    private readonly network: LanguageModel,
    private readonly tokenizer: Tokenizer,
    private readonly script: () => Script,
  ) {
    this.emptyState = { ...network.emptyState, read: "" };
    this.vocabularySize = network.vocabularySize;
  }

  get vectorWidth(): number | undefined {
    return this.network.vectorWidth;
  }

  get runLength(): number {
    return this.network.runLength;
  }

  get msPerToken(): number {
    return this.network.msPerToken;
  }

  get fastestMsPerToken(): number | undefined {
    return this.network.fastestMsPerToken;
  }

  async step(
    tokens: ArrayLike<number>,
    state: State,
    read: readonly number[] = [tokens.length - 1],
    neighbours?: Uint8Array,
  ): Promise<Step> {
    const step = await this.network.step(tokens, state, read, neighbours);
    const width = this.vocabularySize;
    for (const [row, position] of read.entries()) {
      const next = this.next(
        this.after(Array.from(tokens).slice(0, position + 1), state),
      );
      if (next === undefined) continue;
      const probabilities = step.probabilities.subarray(
        row * width,
        (row + 1) * width,
      );
      probabilities.fill((1 - certainty) / (width - 1));
      probabilities[next] = certainty;
    }
    const reached = this.after(Array.from(tokens), state);
    return { ...step, state: { ...step.state, read: reached } as ReadState };
  }

  async advance(tokens: ArrayLike<number>, state: State): Promise<State> {
    if (tokens.length === 0) return state;
    return (await this.step(tokens, state, [])).state;
  }

  dispose(): Promise<void> {
    return this.network.dispose();
  }

  private after(tokens: readonly number[], state: State): string {
    const bytes = Buffer.concat(
      tokens
        .filter((token) => token < this.tokenizer.vocabularySize)
        .map((token) => this.tokenizer.bytesOf(token)),
    );
    const text = (state as ReadState).read + bytes.toString("latin1");
    return text.slice(-2 * known);
  }

  /** The token to be written behind what was read; undefined elsewhere in the text. */
  private next(read: string): number | undefined {
    const { typed, toWrite } = this.script();
    const text = typed + toWrite;
    const first = Math.max(1, typed.length - mostHealed);
    for (let end = text.length - 1; end >= first; end--)
      if (read.endsWith(text.slice(Math.max(0, end - known), end)))
        return encode(this.tokenizer, Buffer.from(text.slice(end)))[0];
    return undefined;
  }
}
