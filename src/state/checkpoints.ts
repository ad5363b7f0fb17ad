import type { State } from "../engine/model";
import { commonPrefix } from "../tokenizer/commonPrefix";
import { emptyHash, hashAfter } from "./prefixHash";

/** Before the first shown token at most this many tokens are run, whatever the file's size. */
export const mostRun = 512;
/** So few tokens are run at once and anyway: nearer than this, checkpoints gain nothing. */
const fewTokens = 64;
/** How many places of a document count as those where one works. */
const recentPlaces = 4;

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
 * where one works. So an edit anywhere costs 512 tokens at most, one nearby costs few, and a file of
 * n tokens has about n/256 checkpoints or fewer.
 */
export class Ladder {
  /** In order of position. */
  readonly exact: Checkpoint[] = [];
  /** States that have read a window of the text only, where an exact one was too far away. */
  readonly approximate: Checkpoint[] = [];
  private read: readonly number[] = [];
  /** `hashes[i]` stands for the first i tokens. */
  private readonly hashes: number[] = [emptyHash];
  /** Where one works, the latest place first. */
  private places: number[] = [];

  /** The document's first tokens, as far as they are known. */
  get tokens(): readonly number[] {
    return this.read;
  }

  /** Where one works. */
  get place(): number {
    return this.places[0] ?? 0;
  }

  /** Says what the first tokens are now. What lies behind them is kept until it turns out wrong. */
  follow(tokens: readonly number[]): void {
    const common = commonPrefix(this.read, tokens);
    this.read = tokens;
    this.hashes.length = common + 1;
    for (let i = common; i < tokens.length; i++)
      this.hashes.push(hashAfter(this.hashes[i]!, tokens[i]!));
    for (const rungs of [this.exact, this.approximate])
      removeWhere(
        rungs,
        ({ position, hash }) =>
          position <= tokens.length && hash !== this.hashes[position],
      );
  }

  /** The hash of the first `position` tokens. */
  hashAt(position: number): number {
    return this.hashes[position]!;
  }

  /** Notes that one works at `position`. */
  visit(position: number): void {
    const far = this.places.filter((at) => Math.abs(at - position) > fewTokens);
    this.places = [position, ...far].slice(0, recentPlaces);
  }

  /** Adds the state after the first `position` tokens and drops what is no longer needed. */
  add(kind: "exact" | "approximate", position: number, state: State): void {
    const rungs = this[kind];
    const hash = this.hashAt(position);
    removeWhere(rungs, (rung) => rung.position === position);
    const after = rungs.findIndex((rung) => rung.position > position);
    const at = after < 0 ? rungs.length : after;
    rungs.splice(at, 0, { position, hash, state });
    if (kind === "exact")
      removeWhere(
        this.approximate,
        (rung) =>
          rung.position <= position && position - rung.position < mostRun,
      );
    this.thin(rungs, position);
  }

  /** What can be given up with the least loss, and how; undefined if there are no checkpoints. */
  least(): { worth: number; drop: () => void } | undefined {
    let least: { worth: number; drop: () => void } | undefined;
    for (const rungs of [this.exact, this.approximate]) {
      rungs.forEach((_, i) => {
        const worth = this.worth(rungs, i);
        if (least === undefined || worth < least.worth)
          least = { worth, drop: () => void rungs.splice(i, 1) };
      });
    }
    return least;
  }

  /**
   * The tokens that would be run again, in expectation, without a checkpoint: each place up to the
   * next one would be so much farther from one. How likely the next place is there falls with the
   * distance from those where one works.
   */
  private worth(rungs: readonly Checkpoint[], i: number): number {
    const { position } = rungs[i]!;
    const before = rungs[i - 1]?.position ?? 0;
    const after = rungs[i + 1]?.position ?? Infinity;
    const farther = Math.min(position - before, mostRun);
    const places = Math.min(after - position, mostRun);
    return (farther * places) / (mostRun + this.distance(position));
  }

  private thin(rungs: Checkpoint[], newest: number): void {
    for (let i = rungs.length - 2; i >= 0; i--) {
      const { position } = rungs[i]!;
      const before = rungs[i - 1]?.position ?? 0;
      const gap = rungs[i + 1]!.position - before;
      const apart = Math.min(mostRun, this.distance(position));
      if (position !== newest && gap <= Math.max(fewTokens, apart))
        rungs.splice(i, 1);
    }
  }

  /** How far it is to the nearest place where one works. */
  private distance(position: number): number {
    return Math.min(...this.places.map((place) => Math.abs(place - position)));
  }
}

/** The last checkpoint at or before `position`. */
export function nearest(
  rungs: readonly Checkpoint[],
  position: number,
): Checkpoint | undefined {
  return rungs.findLast((rung) => rung.position <= position);
}

function removeWhere<T>(items: T[], wrong: (item: T) => boolean): void {
  for (let i = items.length - 1; i >= 0; i--)
    if (wrong(items[i]!)) items.splice(i, 1);
}
