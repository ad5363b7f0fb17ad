import { deepEqual, equal, ok } from "node:assert/strict";
import type { NamedWeights } from "../../../src/models/formats/writeSafetensors";
import type { Tensors } from "./writers/memoryWeights";

/** The names, shapes and values of `weights`, within `tolerance` of the largest in each tensor. */
export function sameValues(
  expected: Tensors,
  weights: NamedWeights,
  tolerance: number,
): void {
  deepEqual(weights.names().sort(), [...expected.keys()].sort());
  for (const [name, { dims, values }] of expected) {
    deepEqual(weights.dims(name), dims, name);
    const actual = weights.float32(name);
    equal(actual.length, values.length);
    const largest = values.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
    const worst = values.reduce(
      (worst, value, i) => Math.max(worst, Math.abs(value - actual[i]!)),
      0,
    );
    ok(worst <= tolerance * Math.max(1, largest), `${name} is off by ${worst}`);
  }
}
