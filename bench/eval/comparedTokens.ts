import { keptPosition } from "../../src/state/stateCache";
import { vectorReach } from "../../src/state/tokenVectors";

/**
 * The tokens of a text whose vectors the one after its first `position` tokens is compared with, from
 * `start` up to `end`: as `StateCache.prefill` has them, those before the last one or two that are in reach.
 */
export function comparedTokens(position: number): {
  start: number;
  end: number;
} {
  const end = keptPosition(position);
  return { start: Math.max(0, end - vectorReach), end };
}
