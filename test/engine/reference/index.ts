import type { Generation } from "../../../src/engine/build";
import type { Weights } from "../../../src/engine/weights";
import type { Recurrent } from "./math";
import { rwkv4 } from "./rwkv4";
import { rwkv5 } from "./rwkv5";
import { rwkv6 } from "./rwkv6";
import { rwkv7 } from "./rwkv7";

export type { Recurrent } from "./math";

/** The reference of a generation over a checkpoint. */
export function reference(
  generation: Generation,
  weights: Weights,
  headNormEpsilon = 64e-5,
): Recurrent {
  switch (generation) {
    case "4":
      return rwkv4(weights);
    case "5.0":
    case "5.1":
    case "5.2":
      return rwkv5(weights, headNormEpsilon);
    case "6":
      return rwkv6(weights, headNormEpsilon);
    case "7":
    case "7a":
      return rwkv7(weights);
  }
}
