import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { Continuation } from "../../runtime/continuation";
import type { Surroundings } from "../context";
import { decode, type Decoded, type DecodeOptions } from "../decode";
import type { DecodedToken } from "../suggestion";
import type { TimeBudget } from "../timeBudget";
import { endsOf, suffixRead, type End } from "./ends";
import { givenTokens, lineOf, logProbabilityBehind, type Line } from "./line";
import { decodeFrom, otherStart } from "./otherLine";
import { Trail } from "./trail";

/** Most ends of a line for which the network is run. */
const mostRuns = 6;
/** An end whose log probability is lower than the best one by more than this is ignored. */
const negligible = 4;
/**
 * Decoding goes on down to this share of the least probability: a token that goes beyond the chosen
 * end lowers the probability of what was decoded, but not that of the text up to the end.
 */
const shareOfLastToken = 0.2;
/**
 * Least probability of the other line, whatever the setting: the text after the cursor may make it the
 * best one.
 */
const leastOfOther = 0.01;

/** Another line is worth a try only where there is time for a few tokens of it, and for an end. */
const runsOfOther = 4;
/** Runs of these that are for its start and for an end: without one, the line would not count. */
const runsAround = 2;

/**
 * Generates a text before other text in its line. Of the possible ends, the one with the highest
 * P(text) · P(first tokens after the cursor | text) is chosen.
 *
 * @param healed the healed prefix; of it, `options.skippedBytes` are still to be generated
 * @throws the signal's reason when it is aborted
 */
export async function decodeMidLine(
  continuation: Continuation,
  {
    affords,
    midLine: limits,
    ...options
  }: Omit<DecodeOptions, "timeBudget"> &
    Pick<TimeBudget, "affords" | "midLine">,
  around: Surroundings,
  healed: Uint8Array,
): Promise<Decoded> {
  const { tokenizer, minConfidence, signal } = options;
  const healedPrefix = healed.subarray(0, options.skippedBytes);
  // Taken before decoding, which may leave nothing of the time budget that this is a share of.
  const choosingMs = limits.choosingMs();
  const lower: DecodeOptions = {
    ...options,
    maxTokens: Math.min(options.maxTokens, limits.maxTokens),
    timeBudget: limits.generationMs(),
    minConfidence: minConfidence * shareOfLastToken,
    // The text so far may not be the one that is chosen.
    onText: undefined,
    onTimeBudget: undefined,
  };
  const trail = new Trail(continuation);
  const decoded = await decode(continuation, {
    ...lower,
    processors: [...options.processors, trail],
  });
  if (decoded.tokens.length === 0) return decoded;
  const suffix = suffixRead(tokenizer, around);
  const scored: Scored[] = [];
  const deadline = performance.now() + choosingMs;
  let left = limits.runs;
  const isTime = (runs: number) =>
    left >= runs && performance.now() < deadline && affords(runs);
  let steps = decoded.steps;
  const score = async (line: Line) => {
    const ends = endsOf(tokenizer, line, healedPrefix, suffix, around)
      .filter(({ text }) => !scored.some((other) => other.text === text))
      .sort((a, b) => b.bound - a.bound);
    for (const end of ends.slice(0, mostRuns)) {
      const best = Math.max(...scored.map(({ joint }) => joint));
      if (end.bound < best - negligible) break;
      if (scored.length > 0 && !isTime(1)) break;
      const behind = await logProbabilityBehind(
        continuation,
        line.steps[end.kept]!,
        end.rest,
      );
      scored.push({ ...end, joint: line.path[end.kept]! + behind });
      steps++;
      left--;
      await yieldToEventLoop();
      signal.throwIfAborted();
    }
  };
  const line = lineOf(tokenizer, trail, decoded.text, decoded.tokens, options);
  await score(line);
  const start = otherStart(tokenizer, line, healedPrefix);
  if (start !== undefined && isTime(runsOfOther)) {
    const other = await decodeFrom(
      continuation,
      start,
      {
        ...lower,
        minConfidence: Math.min(lower.minConfidence, leastOfOther),
        timeBudget: deadline - performance.now(),
      },
      left - runsAround,
    );
    steps += other.steps;
    left -= 1 + other.steps;
    await score(other.line);
  }
  const { stop } = decoded;
  const chosen = await bestOf(scored, around, signal);
  if (chosen === undefined) return { text: "", tokens: [], stop, steps };
  const confidence = confidenceOf(chosen, scored);
  const { text } = chosen;
  const tokens = tokensOf(chosen, confidence);
  if (confidence < minConfidence) {
    const next = { text, tokens };
    return { text: "", tokens: [], stop: "not sure enough", steps, next };
  }
  return { text, tokens, stop, steps };
}

interface Scored extends End {
  /** Log probability of the text and of what is read of the text after the cursor. */
  readonly joint: number;
}

/** The likeliest one that adds no syntax error, as far as that is known. */
async function bestOf(
  ends: readonly Scored[],
  { fits }: Surroundings,
  signal: AbortSignal,
): Promise<Scored | undefined> {
  const likeliest = ends
    .filter(({ text }) => text !== "")
    .sort((a, b) => b.joint - a.joint);
  for (const end of likeliest) {
    const { length } = end.text;
    if ((fits?.(end.text) ?? length) >= length) return end;
    await yieldToEventLoop();
    signal.throwIfAborted();
  }
  return undefined;
}

/**
 * Probability of exactly the chosen text, given the text after the cursor: by Bayes' rule its share
 * among the ends that were tried and all other texts. Of the other texts only the total probability is
 * known; the text after the cursor is taken to be as likely after them as after the chosen one
 * (docs/evaluation.md). So it never exceeds the probability of the text by itself.
 */
function confidenceOf(chosen: Scored, ends: readonly Scored[]): number {
  const middle = Math.exp(chosen.middle);
  const suffix = chosen.joint - chosen.middle;
  const tried = ends.reduce(
    (sum, end) => sum + Math.exp(end.joint - suffix),
    0,
  );
  return middle / (tried + 1 - middle);
}

/** The tokens of the chosen text, their probabilities scaled so that the product is its confidence. */
function tokensOf({ line, text }: Scored, confidence: number): DecodedToken[] {
  const all = [...givenTokens(line.given), ...line.tokens];
  const whole = all.filter(({ end }) => end <= text.length).length;
  const isWhole = all[whole - 1]?.end === text.length;
  const tokens = all.slice(0, isWhole ? whole : whole + 1);
  const sum = tokens.reduce((total, each) => total + each.logProbability, 0);
  const wanted = Math.log(confidence);
  return tokens.map((token) => ({
    ...token,
    logProbability:
      sum < -1e-6
        ? (token.logProbability * wanted) / sum
        : wanted / tokens.length,
  }));
}
