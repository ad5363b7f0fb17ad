import type { Gate } from "../engine/gate";
import type {
  NeighbourGate,
  Neighbours,
  Recalled,
} from "../engine/neighbourGate";
import type { LanguageModel, State, Step } from "../engine/model";
import type { NgramTable } from "../engine/ngramTable";
import type { Reranker } from "../engine/reranker";
import { commonPrefix } from "../tokenizer/commonPrefix";
import type { Prefilled } from "../state/stateCache";
import { copyCandidates, draft } from "../copying/copyCandidates";
import { passagesAround, type Passage } from "../copying/passages";
import { copyOrigin, type CopyOrigin } from "../copying/copyOrigin";
import type { CopySources } from "../copying/copyCorpus";
import { maxMatchLength } from "../copying/copyIndex";
import { mix } from "./mixture";

/** A position after some tokens, from which text can be generated. */
export interface Continuation {
  readonly prefilled: Prefilled;
  /** Probabilities of the next token, [V], mixed with copies; not to be written to. */
  next(): Float32Array;
  /**
   * One decode step: appends `token`.
   *
   * @param following tokens that will be pushed next; the same run of the network may read them
   */
  push(token: number, following?: readonly number[]): Promise<void>;
  /** The present position, for `rewind`. */
  mark(): Mark;
  /** Moves to a marked position, back or forth, without running the network. */
  rewind(mark: Mark): void;
  /** The passages around the occurrences of three tokens in all that may be copied from, the nearest first. */
  passagesAround(tokens: readonly number[]): Passage[];
}

/** A position of a continuation. */
export interface Mark {
  readonly run: Run;
  readonly taken: number;
  /** Tokens pushed up to there. */
  readonly pushed: readonly number[];
}

/**
 * Natural logarithm of the probability that `tokens` come next, mixed with copies. Afterwards the
 * continuation is at the same position.
 */
export async function scoreOf(
  continuation: Continuation,
  tokens: readonly number[],
): Promise<number> {
  const mark = continuation.mark();
  let logProbability = 0;
  for (const [i, token] of tokens.entries()) {
    logProbability += Math.log(Math.max(continuation.next()[token]!, 1e-30));
    // The last token need not be pushed: the prediction after it is not used.
    if (i + 1 < tokens.length)
      await continuation.push(token, tokens.slice(i + 1, -1));
  }
  continuation.rewind(mark);
  return logProbability;
}

/** What is mixed with the network's distribution. */
export interface PredictionSources {
  /** Mixes copies in; absent: copies only serve as drafts. */
  readonly gate?: Gate | undefined;
  /** Mixes in what followed where the network's hidden state was alike; absent: nothing. */
  readonly neighbourGate?: NeighbourGate | undefined;
  /** Corrects the mixture; absent: it stays as it is. */
  readonly reranker?: Reranker | undefined;
  readonly ngrams?: NgramTable | undefined;
  /** Ids below this are special tokens, which are never copied. */
  readonly firstText: number;
}

/** The parts of a token's probability by source; their sum is the probability. */
export interface TokenShares {
  readonly network: number;
  readonly copied: number;
  readonly idiom: number;
  readonly recalled: number;
  /** The best occurrence to copy the token from, if any. */
  readonly origin?: CopyOrigin | undefined;
}

/** Most drafted tokens that one run reads after the chosen one. */
const maxDraftTokens = 4;

/** A run of the network: `step` has a row for each token from `first` on. */
export interface Run {
  readonly before: State;
  readonly tokens: readonly number[];
  readonly first: number;
  readonly step: Step;
  /** What was mixed for its positions, by how many tokens were taken: names are tried from one place. */
  readonly mixed: Map<number, Float32Array>;
}

/**
 * Generates from a step of a model; if there is a gate, copies and n-grams are mixed in.
 *
 * Speculative decoding (arXiv 2211.17192, with copies in place of a draft model): where the last tokens
 * have occurred before, a run also reads the tokens that followed them, the draft. While the chosen
 * tokens equal the draft, their successors' probabilities are known without a run. At the first
 * difference the chosen tokens are run again from the state before the draft. The caller chooses all
 * tokens, so drafts change the time alone.
 */
export class ModelContinuation implements Continuation {
  private run: Run;
  /** Number of the run's tokens that belong to the text. */
  private taken = 1;
  private pushed: readonly number[] = [];
  /** Length of the prefix index; another prefill of the document changes it. */
  private indexed: number;

  /** @param step the model's step for the last token before the position */
  constructor(
    private readonly model: LanguageModel,
    step: Step,
    readonly prefilled: Prefilled,
    private readonly copies: CopySources,
    private readonly sources: Pick<
      PredictionSources,
      "gate" | "neighbourGate" | "ngrams" | "reranker"
    > & {
      /** Called when the copy index of the prefix has grown. */
      readonly onGrowth?: () => void;
      /** Those that `step` was compared with. */
      readonly neighbours?: Neighbours | undefined;
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
    const { gate } = this.sources;
    if (gate === undefined || !this.isIndexed)
      return this.expected().probabilities;
    const { mixed } = this.run;
    let mixture = mixed.get(this.taken);
    if (mixture === undefined) {
      mixture = this.mix(gate).mixture.probabilities;
      mixed.set(this.taken, mixture);
    }
    return mixture;
  }

  /** The sources of the probability of `token` as the next one; slower than `next`, for explanations. */
  sharesOf(token: number): TokenShares {
    const { probabilities, hidden } = this.expected();
    const alone = probabilities[token]!;
    const { gate } = this.sources;
    if (gate === undefined || !this.isIndexed)
      return { network: alone, copied: 0, idiom: 0, recalled: 0 };
    const { opinions, mixture } = this.mix(gate);
    const { copies, ngrams } = opinions;
    const { own, shares } = gate.shares(probabilities, hidden, copies, ngrams);
    const { recalled, mixed } = mixture;
    // What reranking makes of the probability, it makes of each part.
    const factor = mixture.probabilities[token]! / (mixed[token]! || 1);
    const share = recalled?.share ?? 0;
    const rest = factor * (1 - share);
    const shareIn = (offered: readonly { token: number }[], first: number) =>
      offered.reduce(
        (sum, one, i) =>
          sum + (one.token === token ? rest * (shares[first + i] ?? 0) : 0),
        0,
      );
    return {
      network: alone * own * rest,
      copied: shareIn(copies, 0),
      idiom: shareIn(ngrams, copies.length),
      recalled: factor * share * (recalled?.probabilities[token] ?? 0),
      origin: copyOrigin(
        token,
        this.copies.prefix.tail(maxMatchLength),
        this.copies.near,
        this.copies.far,
      ),
    };
  }

  /**
   * What followed where the hidden state was alike; undefined if nothing is known of it.
   *
   * @param others the mixture of the other sources
   */
  private recalled(others: Float32Array): Recalled | undefined {
    const { neighbourGate, neighbours } = this.sources;
    const { hidden, similarities } = this.expected();
    if (neighbourGate === undefined || neighbours === undefined)
      return undefined;
    return (
      similarities &&
      neighbourGate.recall(hidden, similarities, neighbours, others)
    );
  }

  /** What all sources expect next, and together. */
  private mix(gate: Gate) {
    const { prefix, near, far } = this.copies;
    const { ngrams, reranker } = this.sources;
    const { probabilities, hidden } = this.expected();
    const opinions = {
      network: probabilities,
      copies: copyCandidates(
        gate.copies,
        prefix.tail(maxMatchLength),
        near,
        far,
      ),
      ngrams: ngrams?.candidates(prefix.tail(ngrams.reach)) ?? [],
      before: prefix,
    };
    const mixture = mix({ gate, reranker }, hidden, opinions, (others) =>
      this.recalled(others),
    );
    return { opinions, mixture };
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
    // After a wrong draft no new one is made: it would more often be wrong than right.
    const draft = following ?? (isWhole ? this.draft() : []);
    const next = [...again, token, ...draft];
    const read = [...next.keys()].slice(again.length);
    this.run = {
      before: state,
      tokens: next,
      first: again.length,
      step: await this.model.step(
        next,
        state,
        read,
        this.sources.neighbours?.vectors,
      ),
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

  passagesAround(tokens: readonly number[]): Passage[] {
    if (!this.isIndexed) return [];
    const { near, far } = this.copies;
    return passagesAround(tokens, [...near, ...far]);
  }

  /** Whether the prefix index is still this continuation's; after a newer request it copies no more. */
  private get isIndexed(): boolean {
    return this.copies.prefix.length === this.indexed;
  }

  /** The prediction after the last token of the text. */
  private expected(): Pick<Step, "probabilities" | "hidden" | "similarities"> {
    const { tokens, first, step } = this.run;
    const rows = tokens.length - first;
    const row = (matrix: Float32Array) => {
      const width = matrix.length / rows;
      const start = (this.taken - 1 - first) * width;
      return matrix.subarray(start, start + width);
    };
    return {
      probabilities: row(step.probabilities),
      hidden: row(step.hidden),
      similarities: step.similarities && row(step.similarities),
    };
  }

  /** The tokens that followed the longest match, as the next draft. */
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
