import type { State } from "../engine/model";
import { commonPrefix } from "../tokenizer/commonPrefix";
import { emptyHash, hashAfter } from "./prefixHash";

/** Most tokens run before the first token of a suggestion, however long the file is. */
export const maxPrefillTokens = 512;
/** Tokens between checkpoints, away from the caret, below which more of them save little: so few are one run. */
const minCheckpointGap = 64;
/**
 * The same at the caret itself, where every key needs a checkpoint: sometimes before the word that is
 * typed, sometimes after it, since token healing goes back.
 */
const minGapAtCaret = 8;
/** Number of carets remembered for a document. */
const recentCarets = 4;

/** The recurrent state after the first `position` tokens of a document. */
export interface Checkpoint {
  readonly position: number;
  /** Hash of the tokens before it: if those change, the checkpoint is invalid. */
  readonly hash: number;
  readonly state: State;
}

/**
 * The checkpoints of one document.
 *
 * A checkpoint at distance d (in tokens) from the nearest caret is dropped if its neighbours are then
 * at most max(64, min(d, 512)) tokens apart; within 64 tokens of the latest caret, if they are at most
 * max(8, d) apart. So after an edit at most 512 tokens are run again, after one near a caret few, and
 * a file of n tokens has about n/256 checkpoints or fewer.
 */
export class Checkpoints {
  /** In order of position. */
  readonly exact: Checkpoint[] = [];
  /** States that have read only a part of the text, made where no exact one was near. */
  readonly approximate: Checkpoint[] = [];
  private prefix: readonly number[] = [];
  /** `hashes[i]` is the hash of the first i tokens. */
  private readonly hashes: number[] = [emptyHash];
  /** The last positions of the cursor, the latest first. */
  private carets: number[] = [];

  /** The document's first tokens, up to the position of the last update. */
  get tokens(): readonly number[] {
    return this.prefix;
  }

  /** The latest position of the cursor. */
  get caret(): number {
    return this.carets[0] ?? 0;
  }

  /** Sets the document's first tokens. Later checkpoints are kept until their hashes can be compared. */
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

  /** Makes `position` the latest caret; earlier ones near it are replaced. */
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

  /** The checkpoint with the least expected savings; undefined if there are none. */
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
   * The expected number of tokens, up to a factor, that would be run again without a checkpoint: its
   * distance to the one before, times the positions up to the next one, which need it. The probability
   * that the next request is at such a position falls with the distance from the carets.
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
      if (position !== newest && gap <= this.gapLimit(position))
        checkpoints.splice(i, 1);
    }
  }

  /** Tokens between two checkpoints up to which none is kept between them at `position`. */
  private gapLimit(position: number): number {
    const toCaret = Math.abs(this.caret - position);
    if (toCaret < minCheckpointGap) return Math.max(minGapAtCaret, toCaret);
    const toAny = Math.min(maxPrefillTokens, this.distance(position));
    return Math.max(minCheckpointGap, toAny);
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
