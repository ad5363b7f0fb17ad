import type { Gate } from "../engine/gate";
import { mixRecalled, type Recalled } from "../engine/neighbourGate";
import type { Opinions, Reranker } from "../engine/reranker";

/** What all sources together expect. */
export interface Mixture {
  readonly recalled: Recalled | undefined;
  /** Probabilities before they are reranked, [V]. */
  readonly mixed: Float32Array;
  /** Probabilities, [V]: `mixed` itself without a reranker. */
  readonly probabilities: Float32Array;
}

/**
 * Mixes what the sources expect.
 *
 * @param hidden the network's hidden state, [D]
 * @param opinions of the sources; of the neighbours' there are none yet
 * @param recall what the neighbours expect, given the mixture of the other sources, [V]
 */
export function mix(
  { gate, reranker }: { gate: Gate; reranker?: Reranker | undefined },
  hidden: Float32Array,
  opinions: Omit<Opinions, "recalled">,
  recall: (others: Float32Array) => Recalled | undefined,
): Mixture {
  const { network, copies, ngrams } = opinions;
  const others = gate.mix(network, hidden, copies, ngrams);
  const recalled = recall(others);
  const mixed = recalled ? mixRecalled(others, recalled) : others;
  const probabilities =
    reranker?.rerank(mixed, { ...opinions, recalled }) ?? mixed;
  return { recalled, mixed, probabilities };
}
