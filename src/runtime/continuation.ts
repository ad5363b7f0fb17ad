import type { Gate } from "../engine/gate";
import type { LanguageModel, State, Step } from "../engine/model";
import type { NgramTable } from "../engine/ngramTable";
import { commonPrefix } from "../tokenizer/commonPrefix";
import type { Prefilled } from "../state/stateCache";
import { copyCandidates, draft } from "../copying/copyCandidates";
import { copyOrigin, type CopyOrigin } from "../copying/copyOrigin";
import type { CopySources } from "../copying/copyCorpus";
import { maxMatchLength } from "../copying/copyIndex";

/** A position after some tokens, from which text can be generated. */
export interface Continuation {
  readonly prefilled: Prefilled;
  /** Probabilities of the next token, [V], copying included; not to be written to. */
  next(): Float32Array;
  /**
   * One decode step: moves on behind `token`.
   *
   * @param following tokens that will be pushed next, which the same run of the network may read
   */
  push(token: number, following?: readonly number[]): Promise<void>;
  /** The position now, to come back to. */
  mark(): Mark;
  /** Moves to a marked position, wherever it lies. Nothing is run. */
  rewind(mark: Mark): void;
}

/** A position of a continuation. */
export interface Mark {
  readonly run: Run;
  readonly taken: number;
  /** Tokens pushed until there. */
  readonly pushed: readonly number[];
}

/**
 * Natural logarithm of the probability that `tokens` come next, copying included. The continuation
 * stays where it is.
 */
export async function scoreOf(
  continuation: Continuation,
  tokens: readonly number[],
): Promise<number> {
  const mark = continuation.mark();
  let logProbability = 0;
  for (const [i, token] of tokens.entries()) {
    logProbability += Math.log(Math.max(continuation.next()[token]!, 1e-30));
    // What follows the last token is not asked for.
    if (i + 1 < tokens.length)
      await continuation.push(token, tokens.slice(i + 1, -1));
  }
  continuation.rewind(mark);
  return logProbability;
}

/** What is mixed with what the network expects. */
export interface PredictionSources {
  /** With a gate, suggestions copy; without, copies are only tried as drafts. */
  readonly gate?: Gate | undefined;
  readonly ngrams?: NgramTable | undefined;
  /** Ids below stand for no text and are never copied. */
  readonly firstText: number;
}

/** Of a token's probability, what comes from where: the three add up to it. */
export interface TokenShares {
  readonly network: number;
  readonly copied: number;
  readonly idiom: number;
  /** The occurrence that speaks most for the token, where one is copied from. */
  readonly origin?: CopyOrigin | undefined;
}

/** Tokens that one run may read ahead of what was chosen. */
const maxDraftTokens = 4;

/** What one run has computed: a row of `step` for each token from `first` on. */
export interface Run {
  readonly before: State;
  readonly tokens: readonly number[];
  readonly first: number;
  readonly step: Step;
  /** What was mixed for its positions, by how many tokens were taken: names are tried from one place. */
  readonly mixed: Map<number, Float32Array>;
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
  private pushed: readonly number[] = [];
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
    this.run = {
      before: state,
      tokens: [-1],
      first: 0,
      step,
      mixed: new Map(),
    };
    this.indexed = copies.prefix.length;
  }

  next(): Float32Array {
    const { probabilities, hidden } = this.expected();
    const { gate } = this.sources;
    if (gate === undefined || !this.isIndexed) return probabilities;
    const { mixed } = this.run;
    let mixture = mixed.get(this.taken);
    if (mixture === undefined) {
      const { copies, known } = this.offered(gate);
      mixture = gate.mix(probabilities, hidden, copies, known);
      mixed.set(this.taken, mixture);
    }
    return mixture;
  }

  /** Where the probability of `token` comes from, should it be the next: for people, slower than `next`. */
  sharesOf(token: number): TokenShares {
    const { probabilities, hidden } = this.expected();
    const alone = probabilities[token]!;
    const { gate } = this.sources;
    if (gate === undefined || !this.isIndexed)
      return { network: alone, copied: 0, idiom: 0 };
    const { copies, known } = this.offered(gate);
    const { own, shares } = gate.shares(probabilities, hidden, copies, known);
    const shareIn = (offered: readonly { token: number }[], first: number) =>
      offered.reduce(
        (sum, one, i) =>
          sum + (one.token === token ? (shares[first + i] ?? 0) : 0),
        0,
      );
    return {
      network: alone * own,
      copied: shareIn(copies, 0),
      idiom: shareIn(known, copies.length),
      origin: copyOrigin(
        token,
        this.copies.prefix.tail(maxMatchLength),
        this.copies.near,
        this.copies.far,
      ),
    };
  }

  /** What copying and the table offer as the next token. */
  private offered(gate: Gate) {
    const { prefix, near, far } = this.copies;
    const { ngrams } = this.sources;
    return {
      copies: copyCandidates(
        gate.copies,
        prefix.tail(maxMatchLength),
        near,
        far,
      ),
      known: ngrams?.candidates(prefix.tail(ngrams.reach)) ?? [],
    };
  }

  async push(token: number, following?: readonly number[]): Promise<void> {
    this.pushed = [...this.pushed, token];
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
    const draft = following ?? (isWhole ? this.draft() : []);
    const next = [...again, token, ...draft];
    const read = [...next.keys()].slice(again.length);
    this.run = {
      before: state,
      tokens: next,
      first: again.length,
      step: await this.model.step(next, state, read),
      mixed: new Map(),
    };
    this.taken = again.length + 1;
  }

  mark(): Mark {
    const { run, taken, pushed } = this;
    return { run, taken, pushed };
  }

  rewind({ run, taken, pushed }: Mark): void {
    if (this.isIndexed) {
      const { prefix } = this.copies;
      const common = commonPrefix(this.pushed, pushed);
      prefix.truncate(this.indexed - this.pushed.length + common);
      for (const token of pushed.slice(common)) prefix.append(token);
      this.indexed = prefix.length;
      this.sources.onGrowth?.();
    }
    this.run = run;
    this.taken = taken;
    this.pushed = pushed;
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
