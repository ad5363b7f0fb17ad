import type { Continuation } from "../../runtime/continuation";
import type { Surroundings } from "../context";
import { decode, wholeEnd, type Decoded, type DecodeOptions } from "../decode";
import { suffixRead } from "../midLine/ends";
import { lineOf } from "../midLine/line";
import { Trail } from "../midLine/trail";
import { endOfLine } from "../stopping";
import { tokensUpTo, type DecodedToken } from "../suggestion";
import { tokensOfLine } from "../timeBudget";
import { bytesOf } from "../tokenText";
import { linesElsewhere } from "./linesElsewhere";
import { likeliestLines, type Candidate } from "./likeliestLines";

/** Most lines that are compared since the next line stands behind them elsewhere. */
const mostElsewhere = 6;
/** Decoding of a line goes on down to this probability. */
const leastProbability = 1e-6;
/**
 * Generates a whole line before other lines: of the likeliest lines, and those that stand elsewhere before the
 * next one, the line with the highest P(line) · P(first tokens of the next lines | line), as far as it is
 * likely enough then. A line that is sure without that is generated as any text, and may be followed by more.
 *
 * @param newOptions options for one call of `decode`: logits processors remember what they have seen
 * @param healedPrefix what is to be generated of the text before the cursor
 * @param runs most runs of the network by which the line is chosen
 * @throws the signal's reason when it is aborted
 */
export async function decodeWholeLine(
  continuation: Continuation,
  newOptions: () => DecodeOptions,
  around: Surroundings,
  healedPrefix: Uint8Array,
  runs: number,
): Promise<Decoded> {
  const mark = continuation.mark();
  const options = newOptions();
  const { chosen, candidates, steps } = await chooseLine(
    continuation,
    options,
    around,
    healedPrefix,
    runs,
  );
  if (chosen === undefined) {
    continuation.rewind(mark);
    const decoded = await decode(continuation, newOptions());
    return { ...decoded, steps: steps + decoded.steps };
  }
  const { text } = chosen.line;
  const tokens = tokensOf(chosen, candidates);
  const least = Math.log(options.minConfidence);
  let sum = 0;
  for (const [i, token] of tokens.entries()) {
    sum += token.logProbability;
    if (sum >= least) continue;
    const before = text.slice(0, tokens[i - 1]?.end ?? 0);
    const end = wholeEnd(before, bytesOf(options.tokenizer, token.id), "words");
    return {
      text: before.slice(0, end),
      tokens: tokens.slice(0, i),
      stop: "not sure enough",
      steps,
      next: { text: text.slice(0, token.end), tokens: tokens.slice(0, i + 1) },
    };
  }
  return { text, tokens, stop: "end of line", steps };
}

/** A chosen line, and what it was chosen from. */
interface Choice {
  /** Undefined where the likeliest tokens make no whole line, or one that is sure by itself. */
  readonly chosen: Candidate | undefined;
  readonly candidates: readonly Candidate[];
  /** Runs of the network. */
  readonly steps: number;
}

/**
 * Chooses among the likeliest lines by the text behind. Parameters are those of `decodeWholeLine`.
 *
 * @throws the signal's reason when it is aborted
 */
export async function chooseLine(
  continuation: Continuation,
  options: DecodeOptions,
  around: Surroundings,
  healedPrefix: Uint8Array,
  runs: number,
): Promise<Choice> {
  const {
    tokenizer,
    minConfidence,
    minConfidenceOfLines = minConfidence,
  } = options;
  const ofLine: DecodeOptions = {
    ...options,
    stoppingCriteria: [endOfLine, ...options.stoppingCriteria],
    maxTokens: Math.min(options.maxTokens, tokensOfLine),
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
  const { steps } = decoded;
  const none = { chosen: undefined, candidates: [], steps };
  if (decoded.stop !== "end of line") return none;
  const line = lineOf(tokenizer, trail, decoded.text, decoded.tokens, options);
  if (line.path.at(-1)! >= Math.log(minConfidenceOfLines)) return none;
  // Looked up where the line begins: what was decoded is no evidence for itself.
  continuation.rewind(trail.steps[0]!.mark);
  const elsewhere = linesElsewhere(
    continuation,
    tokenizer,
    around,
    mostElsewhere,
  );
  const found = await likeliestLines(
    continuation,
    line,
    elsewhere,
    ofLine,
    healedPrefix,
    suffixRead(tokenizer, around),
    runs,
  );
  const [chosen] = found.candidates
    .filter(({ line: { text } }) => text.trim() !== "")
    .sort((a, b) => b.joint - a.joint);
  return { ...found, chosen, steps: steps + found.steps };
}

/**
 * The tokens of the chosen line, with probabilities given the text behind it: that of a beginning is the share
 * of the lines that begin so, by Bayes' rule. Of the lines that were not tried only the total probability is
 * known; the text behind is taken to follow them as well as those that were. (A line before another indentation
 * than that of its candidate counts as not tried.)
 */
function tokensOf(
  { line }: Candidate,
  candidates: readonly Candidate[],
): DecodedToken[] {
  const { text, tokens, path, healedTokens } = line;
  const total = (some: readonly Candidate[], of: "own" | "joint") =>
    some.reduce((sum, each) => sum + Math.exp(each[of]), 0);
  const tried = total(candidates, "own");
  const behindOthers = total(candidates, "joint") / tried;
  const weight = (start: string, probability: number) => {
    const alike = candidates.filter((each) => each.line.text.startsWith(start));
    const untried = Math.max(0, probability - total(alike, "own"));
    return total(alike, "joint") + untried * behindOthers;
  };
  const all = weight("", 1);
  let before = 0;
  return tokensUpTo(tokens, text.length).map((token, i) => {
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
