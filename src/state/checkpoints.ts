import type { State } from "../engine/model";
import { commonPrefix } from "../tokenizer/commonPrefix";
import { emptyHash, hashAfter } from "./prefixHash";

/** Before the first shown token at most this many tokens are run, whatever the file's size. */
export const maxPrefillTokens = 512;
/** So few tokens are run at once and anyway: nearer than this, checkpoints gain nothing. */
const minCheckpointGap = 64;
/** How many positions of a document count as carets, the latest first. */
const recentCarets = 4;

/** The recurrent state after the first `position` tokens of a document. */
export interface Checkpoint {
  readonly position: number;
  /** Of the tokens before it; where they have become others, the checkpoint is of no use. */
  readonly hash: number;
  readonly state: State;
}

/**
 * The checkpoints of one document.
 *
 * One is dropped where those beside it stay at most max(64, min(d, 512)) tokens apart, d tokens from
 * the nearest caret. So an edit anywhere costs 512 tokens at most, one nearby costs few, and a file of
 * n tokens has about n/256 checkpoints or fewer.
 */
export class Checkpoints {
  /** In order of position. */
  readonly exact: Checkpoint[] = [];
  /** States that have read a window of the text only, where an exact one was too far away. */
  readonly approximate: Checkpoint[] = [];
  private prefix: readonly number[] = [];
  /** `hashes[i]` stands for the first i tokens. */
  private readonly hashes: number[] = [emptyHash];
  /** The positions where the user worked last, the latest first. */
  private carets: number[] = [];

  /** The document's first tokens, as far as they are known. */
  get tokens(): readonly number[] {
    return this.prefix;
  }

  /** The position where the user worked last. */
  get caret(): number {
    return this.carets[0] ?? 0;
  }

  /** Says what the first tokens are now. What lies behind them is kept until it turns out wrong. */
  update(tokens: readonly number[]): void {
    const common = commonPrefix(this.prefix, tokens);
    this.prefix = tokens;
    this.hashes.length = common + 1;
    for (let i = common; i < tokens.length; i++)
      this.hashes.push(hashAfter(this.hashes[i]!, tokens[i]!));
    for (const checkpoints of [this.exact, this.approximate])
      removeWhere(
        checkpoints,
        ({ position, hash }) =>
          position <= tokens.length && hash !== this.hashes[position],
      );
  }

  /** The hash of the first `position` tokens. */
  hashAt(position: number): number {
    return this.hashes[position]!;
  }

  /** Notes that the user works at `position`. */
  addCaret(position: number): void {
    const far = this.carets.filter(
      (at) => Math.abs(at - position) > minCheckpointGap,
    );
    this.carets = [position, ...far].slice(0, recentCarets);
  }

  /** Adds the state after the first `position` tokens and drops what is no longer needed. */
  add(kind: "exact" | "approximate", position: number, state: State): void {
    const checkpoints = this[kind];
    const hash = this.hashAt(position);
    removeWhere(checkpoints, (checkpoint) => checkpoint.position === position);
    const after = checkpoints.findIndex(
      (checkpoint) => checkpoint.position > position,
    );
    const at = after < 0 ? checkpoints.length : after;
    checkpoints.splice(at, 0, { position, hash, state });
    if (kind === "exact")
      removeWhere(
        this.approximate,
        (checkpoint) =>
          checkpoint.position <= position &&
          position - checkpoint.position < maxPrefillTokens,
      );
    this.thin(checkpoints, position);
  }

  /** What can be given up with the least loss, and how; undefined if there are no checkpoints. */
  leastUseful(): { worth: number; drop: () => void } | undefined {
    let least: { worth: number; drop: () => void } | undefined;
    for (const checkpoints of [this.exact, this.approximate]) {
      checkpoints.forEach((_, i) => {
        const worth = this.expectedSavings(checkpoints, i);
        if (least === undefined || worth < least.worth)
          least = { worth, drop: () => void checkpoints.splice(i, 1) };
      });
    }
    return least;
  }

  /**
   * The tokens that would be run again, in expectation, without a checkpoint: each place up to the
   * next one would be so much farther from one. How likely the next place is there falls with the
   * distance from the carets.
   */
  private expectedSavings(
    checkpoints: readonly Checkpoint[],
    i: number,
  ): number {
    const { position } = checkpoints[i]!;
    const before = checkpoints[i - 1]?.position ?? 0;
    const after = checkpoints[i + 1]?.position ?? Infinity;
    const farther = Math.min(position - before, maxPrefillTokens);
    const places = Math.min(after - position, maxPrefillTokens);
    return (farther * places) / (maxPrefillTokens + this.distance(position));
  }

  private thin(checkpoints: Checkpoint[], newest: number): void {
    for (let i = checkpoints.length - 2; i >= 0; i--) {
      const { position } = checkpoints[i]!;
      const before = checkpoints[i - 1]?.position ?? 0;
      const gap = checkpoints[i + 1]!.position - before;
      const gapLimit = Math.min(maxPrefillTokens, this.distance(position));
      if (position !== newest && gap <= Math.max(minCheckpointGap, gapLimit))
        checkpoints.splice(i, 1);
    }
  }

  /** Tokens to the nearest caret. */
  private distance(position: number): number {
    return Math.min(...this.carets.map((place) => Math.abs(place - position)));
  }
}

/** The last checkpoint at or before `position`. */
export function nearestCheckpoint(
  checkpoints: readonly Checkpoint[],
  position: number,
): Checkpoint | undefined {
  return checkpoints.findLast((checkpoint) => checkpoint.position <= position);
}

function removeWhere<T>(items: T[], wrong: (item: T) => boolean): void {
  for (let i = items.length - 1; i >= 0; i--)
    if (wrong(items[i]!)) items.splice(i, 1);
}
