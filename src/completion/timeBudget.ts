import type { Settings } from "../protocol";
import type { LoadedModel } from "../runtime/loadedModel";

/** Milliseconds of a model that is quick: nobody waits for a blink. */
const usualMs = 40;
/** Tokens that a suggestion should have room for: a few words. */
const fewTokens = 8;
/**
 * Milliseconds in which the text of an answer is to be there. The next key may come 150 ms after this
 * one, of which an editor waits some 50 before it asks; what is left over is for the rules and the way
 * there and back.
 */
const answerMs = 85;

/** What a request may compute before its answer. */
export interface TimeBudget {
  /**
   * Milliseconds of generation from now on after which a suggestion is shown as far as it is.
   *
   * @param runsBehind runs of the network that come after it and before the answer
   */
  readonly generationMs: (runsBehind?: number) => number;
  /**
   * Whether there is time for so many more runs of the network, each of a token or a few. Who can do
   * without a run asks first.
   */
  readonly affords: (runs: number) => boolean;
}

/** Of a request that is answered when its text has come to its end. */
export const unlimited: TimeBudget = {
  generationMs: () => Infinity,
  affords: () => true,
};

/** What a network says of its speed. */
export type Speed = Pick<
  LoadedModel["network"],
  "msPerToken" | "fastestMsPerToken"
>;

/**
 * The time budget of a request.
 *
 * A quick model affords whatever is asked for, so that its suggestions do not depend on the clock.
 * Whether it is quick says its fastest run, however busy the machine is.
 *
 * @param limit milliseconds of generation; "auto" goes by the speed of the model
 * @param began when the request came, by `performance.now`
 */
export function timeBudgetOf(
  limit: Settings["timeBudget"],
  speed: Speed,
  began: number,
): TimeBudget {
  const { fastestMsPerToken = 0 } = speed;
  const isQuick = fewTokens * fastestMsPerToken <= usualMs;
  const leftMs = () =>
    (limit === "auto" ? answerMs : limit) - (performance.now() - began);
  return {
    generationMs: (runsBehind = 0) => {
      if (limit !== "auto") return limit;
      const { msPerToken } = speed;
      // The last token may begin right before the end.
      const most = leftMs() - (1 + runsBehind) * msPerToken;
      const least = isQuick ? usualMs : 0;
      return Math.max(least, Math.min(fewTokens * msPerToken, most));
    },
    affords: (runs) => isQuick || runs * speed.msPerToken <= leftMs(),
  };
}
