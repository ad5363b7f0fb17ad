import { createHash } from "node:crypto";
import type { LanguageModel, State, Step } from "../../src/engine/model";
import type { OnnxModel } from "../../src/engine/onnxModel";
import { emptyHash, hashAfter } from "../../src/state/prefixHash";
import { comparedTokens } from "./comparedTokens";

/** Tokens of one run. */
const chunk = 64;
/** Steps remembered; a user who types a word asks for the same ones again and again. */
const rememberedSteps = 64;
const nothing = new Float32Array(0);
const noVectors = new Uint8Array(0);

/** What a model says after some tokens of a text. */
export interface Prediction {
  /** [V] */
  readonly probabilities: Float32Array;
  /** [D] */
  readonly hidden: Float32Array;
  /** Absent where the model makes no vectors. */
  readonly similarities?: Similarities | undefined;
}

/** How like the vector after some tokens of a text is to others, as in `Step.similarities`. */
export interface Similarities {
  /** With those of `comparedTokens`. */
  readonly own: Float32Array;
  /** With given ones. */
  readonly others: Float32Array;
}

/** A state, and the vectors of all tokens that it has read, [n, W]. */
interface Known {
  readonly state: State;
  readonly vectors: Uint8Array;
}

/**
 * A model whose results do not depend on the speed of the machine: it is read in runs of one length,
 * and what was computed for a text is not computed again.
 */
export class SteadyModel implements LanguageModel {
  readonly vocabularySize: number;
  readonly vectorWidth: number | undefined;
  readonly emptyState: State;
  readonly msPerToken: number;
  /** Longer slices are cut here. */
  readonly runLength = Number.MAX_SAFE_INTEGER;
  /** What each state has read. */
  private readonly read = new WeakMap<State, number>();
  private readonly known = new Map<number, Known>();
  private readonly steps = new Map<string, Step>();
  private readonly hashes = new WeakMap<Uint8Array, string>();

  constructor(private readonly model: OnnxModel) {
    this.vocabularySize = model.vocabularySize;
    this.vectorWidth = model.vectorWidth;
    this.emptyState = model.emptyState;
    this.msPerToken = model.msPerToken;
    this.read.set(model.emptyState, emptyHash);
  }

  /**
   * Reads a whole text and tells what the model expects behind each of its tokens.
   *
   * @param keep positions whose states and vectors are remembered: after so many tokens
   * @param visit is given what the model says behind the first `position` tokens
   * @param others vectors to compare with besides the text's own, [M, W]
   */
  async readThrough(
    tokens: readonly number[],
    keep: readonly number[],
    visit: (position: number, prediction: Prediction) => void,
    others: Uint8Array = noVectors,
  ): Promise<void> {
    const { vectorWidth: columns = 0 } = this;
    const stops = [...new Set(keep)].sort((a, b) => a - b);
    const vectors = new Uint8Array(tokens.length * columns);
    let state = this.emptyState;
    for (let position = 0; position < tokens.length;) {
      while (stops.length > 0 && stops[0]! <= position) stops.shift();
      const end = Math.min(
        position + chunk,
        stops[0] ?? tokens.length,
        tokens.length,
      );
      const run = tokens.slice(position, end);
      if (columns > 0) {
        // Its tokens are compared with one another, too.
        const made = await this.model.step(run, state, []);
        vectors.set(made.vectors!, position * columns);
      }
      const { start } = comparedTokens(position + 1);
      const own = vectors.subarray(start * columns, end * columns);
      const step = await this.model.step(
        run,
        state,
        [...run.keys()],
        Buffer.concat([own, others]),
      );
      const width = step.hidden.length / run.length;
      const neighbours = (step.similarities?.length ?? 0) / run.length;
      run.forEach((_, i) => {
        const compared = comparedTokens(position + i + 1);
        const similarities =
          step.similarities && row(step.similarities, i, neighbours);
        visit(position + i + 1, {
          probabilities: row(step.probabilities, i, this.vocabularySize),
          hidden: row(step.hidden, i, width),
          similarities: similarities && {
            own: similarities.subarray(
              compared.start - start,
              compared.end - start,
            ),
            others: similarities.subarray(end - start),
          },
        });
      });
      const hash = this.hashOf(run, state);
      this.read.set(step.state, hash);
      ({ state } = step);
      if (end === stops[0])
        this.known.set(hash, {
          state,
          vectors: vectors.subarray(0, end * columns),
        });
      position = end;
    }
  }

  async advance(tokens: ArrayLike<number>, state: State): Promise<State> {
    return (await this.readOn(tokens, state)).state;
  }

  async step(
    tokens: ArrayLike<number>,
    state: State,
    read: readonly number[] = [tokens.length - 1],
    neighbours?: Uint8Array,
  ): Promise<Step> {
    if (read.length === 0) return this.readOn(tokens, state);
    const hash = this.hashOf(tokens, state);
    const rows = read.map((at) => tokens.length - at).join();
    const key = `${hash}:${rows}:${this.contentOf(neighbours)}`;
    let step = this.steps.get(key);
    this.steps.delete(key);
    if (step === undefined) {
      step = await this.model.step(tokens, state, read, neighbours);
      this.read.set(step.state, hash);
      const [oldest] = this.steps.keys();
      if (this.steps.size === rememberedSteps) this.steps.delete(oldest!);
    }
    this.steps.set(key, step);
    return step;
  }

  /** Forgets what was computed. */
  forget(): void {
    this.known.clear();
    this.steps.clear();
  }

  dispose(): Promise<void> {
    return this.model.dispose();
  }

  /** A step without a position whose prediction is wanted. */
  private async readOn(tokens: ArrayLike<number>, state: State): Promise<Step> {
    const { vectorWidth: columns } = this;
    const step = (state: State, vectors: Uint8Array): Step => ({
      logits: nothing,
      probabilities: nothing,
      hidden: nothing,
      vectors: columns === undefined ? undefined : vectors,
      state,
    });
    const known = this.known.get(this.hashOf(tokens, state));
    if (known !== undefined) {
      const { vectors } = known;
      const start = vectors.length - tokens.length * (columns ?? 0);
      return step(known.state, vectors.subarray(start));
    }
    const vectors: Uint8Array[] = [];
    for (let at = 0; at < tokens.length; at += chunk) {
      const run = Array.prototype.slice.call(
        tokens,
        at,
        at + chunk,
      ) as number[];
      const hash = this.hashOf(run, state);
      const next = await this.model.step(run, state, []);
      ({ state } = next);
      this.read.set(state, hash);
      vectors.push(next.vectors ?? noVectors);
    }
    return step(state, Buffer.concat(vectors));
  }

  private hashOf(tokens: ArrayLike<number>, state: State): number {
    let hash = this.read.get(state)!;
    for (let i = 0; i < tokens.length; i++) hash = hashAfter(hash, tokens[i]!);
    return hash;
  }

  /** A hash of vectors, computed once for each array. */
  private contentOf(vectors: Uint8Array = noVectors): string {
    let hash = this.hashes.get(vectors);
    if (hash === undefined) {
      hash = createHash("sha256").update(vectors).digest("hex");
      this.hashes.set(vectors, hash);
    }
    return hash;
  }
}

function row(matrix: Float32Array, i: number, length: number): Float32Array {
  return matrix.subarray(i * length, (i + 1) * length);
}
