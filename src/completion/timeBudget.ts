import type { Settings } from "../protocol";
import type { LoadedModel } from "../runtime/loadedModel";

/** The time budget of a fast model, in ms: what is longer appears in two parts. */
const usualMs = 25;
/** The most milliseconds a token of a model that is fast. */
const quickMsPerToken = 5;
/** Tokens that the budget of a slow model should allow: a few words. */
const fewTokens = 8;
/**
 * Milliseconds in which the text of an answer has to be there. The next key may come 150 ms after this
 * one; the editor waits some 50 ms of that before it sends the request, and the rest is left for the
 * rules and the messages.
 */
const answerMs = 85;

/** What a request may compute before its answer. */
export interface TimeBudget {
  /**
   * Milliseconds of decoding, from now on, after which the suggestion so far is shown.
   *
   * @param runsBehind runs of the network that come after it and before the answer
   */
  readonly generationMs: (runsBehind?: number) => number;
  /**
   * Whether there is time for so many more runs of the network, each of one token or a few. Asked before
   * every optional run.
   */
  readonly affords: (runs: number) => boolean;
  /** For a text before other text of its line. */
  readonly midLine: MidLineBudget;
  /** Most runs of the network by which one of several lines is chosen; 0: the likeliest tokens make the line. */
  readonly runsOfLines: number;
}

/** What a text before other text of its line may take: it is shown only once its end is chosen. */
export interface MidLineBudget {
  /** Most tokens of the text. */
  readonly maxTokens: number;
  /** Milliseconds of decoding, from now on. */
  readonly generationMs: () => number;
  /** Most runs of the network by which its end is chosen. */
  readonly runs: number;
  /** Milliseconds for them. Asked before the text is decoded, of which they are a share. */
  readonly choosingMs: () => number;
}

/** The budget of a request that is answered with the whole text, the likeliest tokens one after another. */
export const unlimited: TimeBudget = {
  generationMs: () => Infinity,
  affords: () => true,
  midLine: {
    maxTokens: Infinity,
    generationMs: () => Infinity,
    runs: Infinity,
    choosingMs: () => Infinity,
  },
  runsOfLines: 0,
};

/** Limits of a text before other text of its line, so that the clock does not decide with a fast model. */
const midLine = { maxTokens: 24, runs: 8 };
/** Most runs for choosing among lines, where a model is fast enough for all of them: the clock has no say. */
export const runsOfLines = 40;
/** Most tokens of a line that is compared with others. */
export const tokensOfLine = 40;
/** Runs that choosing its end takes at least: one, of a few tokens. */
const runsOfEnd = 2;
/** Share of the time budget in which its end is chosen, where the clock decides. */
const choosingShare = 1 / 4;

/** What a network says of its speed. */
export type Speed = Pick<
  LoadedModel["network"],
  "msPerToken" | "fastestMsPerToken"
>;

/**
 * The time budget of a request.
 *
 * For a fast model every run is affordable, so that the clock does not choose its names. A model is
 * judged by its fastest run so far, since other programs only make runs longer.
 *
 * @param limit milliseconds of decoding; "auto" goes by the speed of the model
 * @param began when the request came, by `performance.now`
 */
export function timeBudgetOf(
  limit: Settings["timeBudget"],
  speed: Speed,
  began: number,
): TimeBudget {
  const { fastestMsPerToken = 0 } = speed;
  const isQuick = fastestMsPerToken <= quickMsPerToken;
  const leftMs = () =>
    (limit === "auto" ? answerMs : limit) - (performance.now() - began);
  const generationMs = (runsBehind = 0) => {
    if (limit !== "auto") return limit;
    const { msPerToken } = speed;
    // The last token may begin right before the end.
    const most = leftMs() - (1 + runsBehind) * msPerToken;
    const least = isQuick ? usualMs : 0;
    return Math.max(least, Math.min(fewTokens * msPerToken, most));
  };
  const isByClock = limit !== "auto" || !isQuick;
  const hasTimeForLines =
    limit === "auto"
      ? isQuick
      : (tokensOfLine + runsOfLines) * fastestMsPerToken <= limit;
  return {
    generationMs,
    affords: (runs) => isQuick || runs * speed.msPerToken <= leftMs(),
    midLine: {
      ...midLine,
      generationMs: () => (isByClock ? generationMs(runsOfEnd) : Infinity),
      choosingMs: () =>
        isByClock ? choosingShare * generationMs(runsOfEnd) : Infinity,
    },
    runsOfLines: hasTimeForLines ? runsOfLines : 0,
  };
}
