import type { State } from "../../src/engine/model";
import type { SavedState } from "../../src/state/stateFile";

/** Identifies a model that is not there. */
export const someModel = "0123456789abcdef".repeat(4);

/** A state with tensors of some lengths, filled with values that depend on `seed`. */
export function stateLike(lengths: readonly number[], seed: number): State {
  const tensors = Object.fromEntries(
    lengths.map((length, i) => [
      `tensor${i}`,
      Float32Array.from({ length }, (_, j) => seed + i / 8 + j / 4096),
    ]),
  );
  return { tensors, bytes: 4 * lengths.reduce((sum, each) => sum + each, 0) };
}

/** What is saved of such a state of a model that makes no vectors. */
export function savedLike(
  lengths: readonly number[],
  seed: number,
): SavedState {
  return { state: stateLike(lengths, seed), vectors: new Uint8Array(0) };
}
