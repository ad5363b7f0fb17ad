import { emptyHash, hashAfter } from "../../src/state/prefixHash";
import type { LanguageModel, State, Step } from "../../src/engine/model";

/** A state that says which tokens were read. */
export interface PrefixState extends State {
  readonly read: readonly number[];
}

/** A model whose state is the list of all tokens that it has read, in runs of 16. */
export class PrefixModel implements LanguageModel {
  readonly vocabularySize = 10_000;
  readonly runLength = 16;
  readonly msPerToken = 1;
  /** Absent: it makes no vectors. */
  vectorWidth: number | undefined;
  readonly emptyState: PrefixState = { tensors: {}, bytes: 100, read: [] };
  /** The tokens of each run. */
  readonly runs: number[][] = [];
  /** Awaited before each run. */
  onRun: () => Promise<void> | void = () => undefined;

  async advance(tokens: ArrayLike<number>, state: State): Promise<PrefixState> {
    await this.onRun();
    this.runs.push(Array.from(tokens));
    const { read, ...empty } = state as PrefixState;
    return { ...empty, read: [...read, ...Array.from(tokens)] };
  }

  async step(tokens: ArrayLike<number>, state: State): Promise<Step> {
    const none = new Float32Array(0);
    const { vectorWidth: width } = this;
    const { read } = state as PrefixState;
    return {
      logits: none,
      probabilities: none,
      hidden: none,
      vectors: width === undefined ? width : vectorsOf(read, tokens, width),
      state: await this.advance(tokens, state),
    };
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * The vectors that such a model makes of tokens: each tells of all tokens up to its own.
 *
 * @param before tokens read before them
 */
export function vectorsOf(
  before: readonly number[],
  tokens: ArrayLike<number>,
  width: number,
): Uint8Array {
  let hash = before.reduce(hashAfter, emptyHash);
  const vectors = Array.from(tokens, (token) => {
    hash = hashAfter(hash, token);
    return Array.from({ length: width }, (_, i) => (hash >>> (8 * i)) & 255);
  });
  return Uint8Array.from(vectors.flat());
}
