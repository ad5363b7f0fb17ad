import type { Continuation, Mark } from "../../runtime/continuation";
import type { LogitsProcessor } from "../processors/processor";

/** A position of a continuation, and what may come next there. */
export interface Step {
  readonly mark: Mark;
  /** Of the next token, [V], 0 where another processor forbids it. */
  readonly probabilities: Float32Array;
}

/**
 * Records the positions that decoding passes, so that other texts can be tried from them. It has to
 * be the last processor.
 */
export class Trail implements LogitsProcessor {
  readonly steps: Step[];
  readonly tokens: number[];

  /** @param start what was recorded before decoding begins */
  constructor(
    private readonly continuation: Continuation,
    start: { steps: readonly Step[]; tokens: readonly number[] } = {
      steps: [],
      tokens: [],
    },
  ) {
    this.steps = [...start.steps];
    this.tokens = [...start.tokens];
  }

  process(probabilities: Float32Array): Float32Array {
    this.steps.push({ mark: this.continuation.mark(), probabilities });
    return probabilities;
  }

  accept(token: number): void {
    this.tokens.push(token);
  }
}
