import type { Generation } from "../../../src/engine/build";
import type { Weights } from "../../../src/engine/weights";
import type { Epsilons, Recurrent } from "./math";
import { rwkv4 } from "./rwkv4";
import { rwkv5 } from "./rwkv5";
import { rwkv6 } from "./rwkv6";
import { rwkv7 } from "./rwkv7";

export type { Epsilons, Recurrent } from "./math";

/** Those of official checkpoints. */
const official: Epsilons = { layer: 1e-5, out: 1e-5, head: 64e-5 };

/** The reference of a generation over a checkpoint. */
export function reference(
  generation: Generation,
  weights: Weights,
  changes: Partial<Epsilons> = {},
): Recurrent {
  const epsilons = { ...official, ...changes };
  switch (generation) {
    case "4":
      return rwkv4(weights, epsilons);
    case "5.0":
    case "5.1":
    case "5.2":
      return rwkv5(weights, epsilons);
    case "6":
      return rwkv6(weights, epsilons);
    case "7":
    case "7a":
      return rwkv7(weights, epsilons);
  }
}
