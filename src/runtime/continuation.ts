import type { Gate } from "../engine/gate";
import type { LanguageModel, State, Step } from "../engine/model";
import type { NgramTable } from "../engine/ngramTable";
import type { Prefilled } from "../state/stateCache";
import {
  copyCandidates,
  draft,
  maxMatchLength,
} from "../copying/copyCandidates";
import type { CopySources } from "../copying/copyCorpus";

/** A place after some tokens, from which text can be generated. */
export interface Continuation {
  readonly prefilled: Prefilled;
  /** Probabilities of the next token, [V], copying included. */
  next(): Float32Array;
  /** One decode step: moves on behind `token`. */
  push(token: number): Promise<void>;
}

/** What is mixed with what the network expects. */
export interface PredictionSources {
  /** With a gate, suggestions copy; without, copies are only tried as drafts. */
  readonly gate?: Gate | undefined;
  readonly ngrams?: NgramTable | undefined;
  /** Ids below stand for no text and are never copied. */
  readonly firstText: number;
}

/** Tokens that one run may read ahead of what was chosen. */
const maxDraftTokens = 4;

/** What one run has computed: a row of `step` for each token from `first` on. */
interface Run {
  readonly before: State;
  readonly tokens: readonly number[];
  readonly first: number;
  readonly step: Step;
}

/**
 * Generates from a step of a model, mixed with copies and n-grams where it has a gate.
 *
 * Speculative decoding (arXiv 2211.17192, with copies for a draft model): where the text repeats
 * what stands elsewhere, a run reads how that went on, too. While the chosen tokens are the drafted
 * ones, what comes next is known without a run; the first that differs is read from the state before
 * the run, with what was right of it. What is chosen stays the caller's, so nothing but time changes.
 */
export class ModelContinuation implements Continuation {
  private run: Run;
  /** How many tokens of the run belong to the text. */
  private taken = 1;
  /** Tokens in the index, which another prefill of the document would change. */
  private indexed: number;

  /** @param step what the model has computed for the last token before the place */
  constructor(
    private readonly model: LanguageModel,
    step: Step,
    readonly prefilled: Prefilled,
    private readonly copies: CopySources,
    private readonly sources: Pick<PredictionSources, "gate" | "ngrams"> & {
      /** Told when the copy index of the prefix has grown. */
      readonly onGrowth?: () => void;
    },
  ) {
    const { state } = step;
    this.run = { before: state, tokens: [-1], first: 0, step };
    this.indexed = copies.prefix.length;
  }

  next(): Float32Array {
    const { probabilities, hidden } = this.expected();
    const { gate, ngrams } = this.sources;
    if (gate === undefined || !this.isIndexed) return probabilities;
    const copies = copyCandidates(
      gate.copies,
      this.copies.prefix.tail(maxMatchLength),
      this.copies.near,
      this.copies.far,
    );
    const known =
      ngrams?.candidates(this.copies.prefix.tail(ngrams.reach)) ?? [];
    return gate.mix(probabilities, hidden, copies, known);
  }

  async push(token: number): Promise<void> {
    if (this.isIndexed) {
      this.copies.prefix.append(token);
      this.indexed++;
      this.sources.onGrowth?.();
    }
    const { tokens, before, step } = this.run;
    const { taken } = this;
    if (tokens[taken] === token) {
      this.taken++;
      return;
    }
    const isWhole = taken === tokens.length;
    const state = isWhole ? step.state : before;
    const again = isWhole ? [] : tokens.slice(0, taken);
    // Behind a wrong draft another one fails more often than it helps.
    const next = [...again, token, ...(isWhole ? this.draft() : [])];
    const read = [...next.keys()].slice(again.length);
    this.run = {
      before: state,
      tokens: next,
      first: again.length,
      step: await this.model.step(next, state, read),
    };
    this.taken = again.length + 1;
  }

  /** Whether the index is what it was: a newer request for the document takes it on, and this one copies no more. */
  private get isIndexed(): boolean {
    return this.copies.prefix.length === this.indexed;
  }

  /** The row for the last token taken. */
  private expected(): Pick<Step, "probabilities" | "hidden"> {
    const { tokens, first, step } = this.run;
    const rows = tokens.length - first;
    const row = (matrix: Float32Array) => {
      const width = matrix.length / rows;
      const start = (this.taken - 1 - first) * width;
      return matrix.subarray(start, start + width);
    };
    return { probabilities: row(step.probabilities), hidden: row(step.hidden) };
  }

  /** What may come next, by what followed the longest match. */
  private draft(): number[] {
    if (!this.isIndexed) return [];
    return draft(
      maxDraftTokens,
      this.copies.prefix.tail(maxMatchLength),
      this.copies.near,
      this.copies.far,
    );
  }
}
