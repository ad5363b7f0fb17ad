/**
 * A recurrent state: tensors of a fixed size that summarise all tokens read so far.
 *
 * States are immutable: a step returns a new one and never changes the one it was given, so a
 * checkpoint is kept by keeping the reference.
 */
export interface State {
  /** The tensors of the state by the names the session gives them; never written to. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
  /** Bytes held by the tensors. */
  readonly bytes: number;
}

/** The results of a step: a row for each of the P positions in `read`, usually one. */
export interface Step {
  /**
   * Unnormalised log-probabilities of the next token, shape [P, vocabularySize]. Only the conformance
   * tests use them, to compare with other engines; suggestions use the probabilities.
   */
  readonly logits: Float32Array;
  /** Softmax of the logits, shape [P, vocabularySize]. */
  readonly probabilities: Float32Array;
  /** Output of the final layer norm, which the head and the copy gate read, shape [P, width]. */
  readonly hidden: Float32Array;
  /** The vector of each of the T tokens run, [T, W]; absent where the model makes none. */
  readonly vectors?: Uint8Array | undefined;
  /**
   * How like the position's vector is to each of the N given ones: exp(θ (cosine − 1)), [P, N]; absent
   * where the model makes none.
   */
  readonly similarities?: Float32Array | undefined;
  /** The state after the last token. */
  readonly state: State;
}

/** A loaded language model: tokens and a state in, logits and a new state out. */
export interface LanguageModel {
  readonly vocabularySize: number;
  /**
   * Numbers W of the vector that the model makes of its hidden state after each token; absent: it makes
   * none. A number x is stored as the byte 128 + 127 x; the vector has the length 1.
   */
  readonly vectorWidth?: number | undefined;
  /** The state before the first token. */
  readonly emptyState: State;
  /** How many tokens one run may hold to last at most about 15 ms, from measured speed; 1 … 64. */
  readonly runLength: number;
  /** Measured milliseconds per token when decoding one token at a time, a recent average. */
  readonly msPerToken: number;
  /** The same on an undisturbed processor; undefined until it was measured. */
  readonly undisturbedMsPerToken?: number | undefined;
  /** The least that such a run has taken so far, whatever else went on: never too low. */
  readonly fastestMsPerToken?: number | undefined;

  /**
   * Runs `tokens` after `state` in one native call, which blocks the event loop. Callers that must stay
   * responsive pass at most `runLength` tokens.
   *
   * @param read the positions within `tokens` whose logits are wanted; the last one unless given
   * @param neighbours vectors of N earlier tokens to compare with, [N, W]
   * @throws RangeError if `tokens` is empty or holds an id outside the vocabulary.
   */
  step(
    tokens: ArrayLike<number>,
    state: State,
    read?: readonly number[],
    neighbours?: Uint8Array,
  ): Promise<Step>;

  /** Like `step`, without computing logits: for prefilling. */
  advance(tokens: ArrayLike<number>, state: State): Promise<State>;

  /** Frees the native session. The model cannot be used afterwards. */
  dispose(): Promise<void>;
}
