import { vectorReach } from "../../src/state/tokenVectors";

/**
 * The tokens of a text whose vectors the one after its first `position` tokens is compared with, from
 * `start` up to `end`: as `StateCache.prefill` has them, those before the last one or two that are in reach.
 */
export function comparedTokens(position: number): {
  start: number;
  end: number;
} {
  const last = position - 1;
  const end = last - (last % 2);
  return { start: Math.max(0, end - vectorReach), end };
}
