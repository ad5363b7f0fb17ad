import type { LanguageModel, State, Step } from "../../src/engine/model";
import type { OnnxModel } from "../../src/engine/onnxModel";
import { emptyHash, hashAfter } from "../../src/state/prefixHash";

/** Tokens of one run. */
const chunk = 64;
/** Steps remembered; a user who types a word asks for the same ones again and again. */
const rememberedSteps = 64;

/**
 * A model whose results do not depend on the speed of the machine: it is read in runs of one length,
 * and what was computed for a text is not computed again.
 */
export class SteadyModel implements LanguageModel {
  readonly vocabularySize: number;
  readonly emptyState: State;
  readonly msPerToken: number;
  /** Longer slices are cut here. */
  readonly runLength = Number.MAX_SAFE_INTEGER;
  /** What each state has read. */
  private readonly read = new WeakMap<State, number>();
  private readonly states = new Map<number, State>();
  private readonly steps = new Map<string, Step>();

  constructor(private readonly model: OnnxModel) {
    this.vocabularySize = model.vocabularySize;
    this.emptyState = model.emptyState;
    this.msPerToken = model.msPerToken;
    this.read.set(model.emptyState, emptyHash);
  }

  /**
   * Reads a whole text and tells what the model expects behind each of its tokens.
   *
   * @param keep positions whose states are remembered: after so many tokens
   * @param visit is given the probabilities [V] and the hidden state [D] behind the first `position` tokens
   */
  async readThrough(
    tokens: readonly number[],
    keep: readonly number[],
    visit: (
      position: number,
      probabilities: Float32Array,
      hidden: Float32Array,
    ) => void,
  ): Promise<void> {
    const stops = [...new Set(keep)].sort((a, b) => a - b);
    let state = this.emptyState;
    for (let position = 0; position < tokens.length;) {
      while (stops.length > 0 && stops[0]! <= position) stops.shift();
      const end = Math.min(
        position + chunk,
        stops[0] ?? tokens.length,
        tokens.length,
      );
      const run = tokens.slice(position, end);
      const step = await this.model.step(run, state, [...run.keys()]);
      const width = step.hidden.length / run.length;
      run.forEach((_, i) => {
        visit(
          position + i + 1,
          row(step.probabilities, i, this.vocabularySize),
          row(step.hidden, i, width),
        );
      });
      const hash = this.hashOf(run, state);
      this.read.set(step.state, hash);
      if (end === stops[0]) this.states.set(hash, step.state);
      ({ state } = step);
      position = end;
    }
  }

  async advance(tokens: ArrayLike<number>, state: State): Promise<State> {
    const known = this.states.get(this.hashOf(tokens, state));
    if (known !== undefined) return known;
    for (let at = 0; at < tokens.length; at += chunk) {
      const run = Array.prototype.slice.call(
        tokens,
        at,
        at + chunk,
      ) as number[];
      const hash = this.hashOf(run, state);
      state = await this.model.advance(run, state);
      this.read.set(state, hash);
    }
    return state;
  }

  async step(
    tokens: ArrayLike<number>,
    state: State,
    read: readonly number[] = [tokens.length - 1],
  ): Promise<Step> {
    const hash = this.hashOf(tokens, state);
    const key = `${hash}:${read.map((at) => tokens.length - at).join()}`;
    let step = this.steps.get(key);
    this.steps.delete(key);
    if (step === undefined) {
      step = await this.model.step(tokens, state, read);
      this.read.set(step.state, hash);
      const [oldest] = this.steps.keys();
      if (this.steps.size === rememberedSteps) this.steps.delete(oldest!);
    }
    this.steps.set(key, step);
    return step;
  }

  /** Forgets what was computed. */
  forget(): void {
    this.states.clear();
    this.steps.clear();
  }

  dispose(): Promise<void> {
    return this.model.dispose();
  }

  private hashOf(tokens: ArrayLike<number>, state: State): number {
    let hash = this.read.get(state)!;
    for (let i = 0; i < tokens.length; i++) hash = hashAfter(hash, tokens[i]!);
    return hash;
  }
}

function row(matrix: Float32Array, i: number, length: number): Float32Array {
  return matrix.subarray(i * length, (i + 1) * length);
}
