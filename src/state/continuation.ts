import type { Gate } from "../engine/gate";
import type { LanguageModel, Step } from "../engine/model";
import type { NgramTable } from "../engine/ngramTable";
import { softmax } from "../engine/sampling";
import { copyCandidates, longestMatch } from "./copyCandidates";
import type { CopyIndex } from "./copyIndex";

/** How the state behind a place was come by. */
export interface Prefilled {
  /** Tokens that were run, the last one included. */
  readonly run: number;
  /** Where the first of them started. */
  readonly from: "start" | "checkpoint" | "saved state" | "window";
  /** Whether it is the state that a fresh prefill of all tokens would give. */
  readonly exact: boolean;
  /** Tokens between the nearest exact state and the place. */
  readonly distance: number;
}

/** A place after some tokens, from which text can be generated. */
export interface Continuation {
  readonly prefilled: Prefilled;
  /** Probabilities of the next token, [V], copying included. */
  next(): Float32Array;
  /** One decode step: moves on behind `token`. */
  push(token: number): Promise<void>;
}

/** What may be copied from besides the text before the place; the nearest first. */
export interface OtherCopies {
  /** The text behind the place, if known. */
  readonly near: readonly CopyIndex[];
  /** Other documents. */
  readonly far: readonly CopyIndex[];
}

/** Generates from a step of a model, by its mixture with copies and n-grams where it has a gate. */
export class ModelContinuation implements Continuation {
  /** Tokens in the index, which another prefill of the document would change. */
  private indexed: number;

  constructor(
    private readonly model: LanguageModel,
    private step: Step,
    readonly prefilled: Prefilled,
    /** The text before the place; grows with what is generated. */
    private readonly before: CopyIndex,
    private readonly copies: OtherCopies,
    private readonly mixture: {
      gate?: Gate | undefined;
      ngrams?: NgramTable | undefined;
      /** Told when the index of the text before has grown. */
      grown?: () => void;
    },
  ) {
    this.indexed = before.length;
  }

  next(): Float32Array {
    const { logits, hidden } = this.step;
    const { gate, ngrams } = this.mixture;
    if (gate === undefined || this.before.length !== this.indexed)
      return softmax(logits);
    const copies = copyCandidates(
      gate.copies,
      this.before.tail(longestMatch),
      [this.before, ...this.copies.near],
      this.copies.far,
    );
    const known = ngrams?.candidates(this.before.tail(ngrams.reach)) ?? [];
    return gate.mix(logits, hidden, copies, known);
  }

  async push(token: number): Promise<void> {
    this.step = await this.model.step([token], this.step.state);
    // A newer request for the document has taken the index on: this one copies no more.
    if (this.before.length !== this.indexed) return;
    this.before.append(token);
    this.indexed++;
    this.mixture.grown?.();
  }
}
