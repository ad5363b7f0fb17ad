import type { Continuation } from "../../runtime/continuation";
import type { Surroundings } from "../context";
import { decode, wholeEnd, type Decoded, type DecodeOptions } from "../decode";
import { suffixRead } from "../midLine/ends";
import { lineOf } from "../midLine/line";
import { Trail } from "../midLine/trail";
import type { StoppingCriterion } from "../stopping/criterion";
import { type DecodedToken } from "../suggestion";
import { bytesOf } from "../tokenText";
import { likeliestLines, type Candidate } from "./likeliestLines";

/** Most tokens of a line that is compared with others. */
const mostTokens = 40;
/** Decoding of a line goes on down to this probability. */
const leastProbability = 1e-6;
/**
 * How well the text behind follows the lines that were not tried, as a share of how well it follows those that
 * were (docs/evaluation.md).
 */
const ofOthers = 0.5;

/**
 * Generates a whole line before other lines: of the likeliest lines, the one with the highest
 * P(line) · P(first tokens of the next lines | line), as far as it is likely enough then. A line that is sure
 * without that is generated as any text, and may be followed by more.
 *
 * @param runs most runs of the network by which the line is chosen
 * @throws the signal's reason when it is aborted
 */
export async function decodeWholeLine(
  continuation: Continuation,
  options: DecodeOptions,
  around: Surroundings,
  healed: Uint8Array,
  runs: number,
): Promise<Decoded> {
  const { tokenizer, minConfidence, minConfidenceOfLines = 1 } = options;
  const mark = continuation.mark();
  const found = await chooseLine(continuation, options, around, healed, runs);
  if (found === undefined || found.own >= minConfidenceOfLines) {
    continuation.rewind(mark);
    return decode(continuation, options);
  }
  const { steps, chosen, candidates } = found;
  const tokens = tokensOf(chosen, candidates);
  const { text } = chosen.line;
  let sum = 0;
  for (const [i, token] of tokens.entries()) {
    sum += token.logProbability;
    if (sum >= Math.log(minConfidence)) continue;
    const before = text.slice(0, tokens[i - 1]?.end ?? 0);
    const kept = before.slice(
      0,
      wholeEnd(before, bytesOf(tokenizer, token.id), "words"),
    );
    const next = {
      text: text.slice(0, token.end),
      tokens: tokens.slice(0, i + 1),
    };
    const stop = "not sure enough";
    return { text: kept, tokens: tokens.slice(0, i), stop, steps, next };
  }
  return { text, tokens, stop: "end of line", steps };
}

/** A chosen line, and what it was chosen from. */
interface Choice {
  readonly chosen: Candidate;
  readonly candidates: readonly Candidate[];
  /** Probability of the line of the likeliest tokens by itself. */
  readonly own: number;
  /** Runs of the network. */
  readonly steps: number;
}

/**
 * Chooses among the likeliest lines by the text behind; undefined where the likeliest tokens make no whole line.
 *
 * @param healed the healed prefix; of it, `options.skippedBytes` are still to be generated
 * @throws the signal's reason when it is aborted
 */
export async function chooseLine(
  continuation: Continuation,
  options: DecodeOptions,
  around: Surroundings,
  healed: Uint8Array,
  runs: number,
): Promise<Choice | undefined> {
  const { tokenizer } = options;
  const healedPrefix = healed.subarray(0, options.skippedBytes);
  const ofLine: DecodeOptions = {
    ...options,
    stoppingCriteria: [endOfLine, ...options.stoppingCriteria],
    maxTokens: Math.min(options.maxTokens, mostTokens),
    minConfidence: leastProbability,
    // Nothing is shown before the line is chosen.
    timeBudget: Infinity,
    onText: undefined,
    onTimeBudget: undefined,
  };
  const trail = new Trail(continuation);
  const decoded = await decode(continuation, {
    ...ofLine,
    processors: [...options.processors, trail],
  });
  if (decoded.stop !== "end of line") return undefined;
  const line = lineOf(tokenizer, trail, decoded.text, decoded.tokens, options);
  const own = Math.exp(line.path.at(-1)!);
  const { candidates, steps } = await likeliestLines(
    continuation,
    line,
    ofLine,
    healedPrefix,
    suffixRead(tokenizer, around),
    own >= (options.minConfidenceOfLines ?? 1) ? 0 : runs,
  );
  const [chosen] = candidates
    .filter(({ line: { text } }) => text.trim() !== "")
    .sort((a, b) => b.joint - a.joint);
  return chosen && { chosen, candidates, own, steps: decoded.steps + steps };
}

const endOfLine: StoppingCriterion = (text) => {
  const end = text.indexOf("\n");
  return end < 0 ? undefined : { end, stop: "end of line" };
};

/**
 * The tokens of the chosen line, with probabilities given the text behind it: that of a beginning is the share
 * of the lines that begin so, by Bayes' rule. Of the lines that were not tried only the total probability is
 * known; the text behind is taken to follow them half as well as those that were.
 */
function tokensOf(
  { line }: Candidate,
  candidates: readonly Candidate[],
): DecodedToken[] {
  const { text, tokens, path, healedTokens } = line;
  const total = (some: readonly Candidate[], of: "own" | "joint") =>
    some.reduce((sum, each) => sum + Math.exp(each[of]), 0);
  const tried = total(candidates, "own");
  const behindOthers = (ofOthers * total(candidates, "joint")) / tried;
  const weight = (start: string, probability: number) => {
    const alike = candidates.filter((each) => each.line.text.startsWith(start));
    const untried = Math.max(0, probability - total(alike, "own"));
    return total(alike, "joint") + untried * behindOthers;
  };
  const all = weight("", 1);
  let before = 0;
  const whole = tokens.filter(({ end }) => end <= text.length);
  return whole.map((token, i) => {
    const probability = Math.exp(path[healedTokens + i + 1]!);
    const after = Math.min(
      before,
      Math.log(weight(text.slice(0, token.end), probability) / all),
    );
    const logProbability = after - before;
    before = after;
    return { ...token, logProbability };
  });
}
