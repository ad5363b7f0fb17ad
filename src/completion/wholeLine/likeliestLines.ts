import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { Continuation } from "../../runtime/continuation";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import type { DecodeOptions } from "../decode";
import { endAt } from "../midLine/ends";
import {
  lineOf,
  logProbabilityBehind,
  logProbabilityOf,
  type Line,
} from "../midLine/line";
import { decodeFrom, otherStarts, type OtherStart } from "../midLine/otherLine";
import { knownLine } from "./knownLine";

/** Most lines that are compared. */
const mostLines = 8;
/** Least log probability of the beginning of a line. */
const leastLogProbability = -7;
/**
 * A beginning that is less likely, by this much, than the best line together with the text behind it is not
 * tried.
 */
const negligible = Math.log(0.1);
/** Runs that another line takes at least: one of its tokens, and the text behind it. */
const leastRuns = 2;

/** A line, and how well the text behind it goes on from there. */
export interface Candidate {
  readonly line: Line;
  /** Log probability of the line and of the token with its line break. */
  readonly own: number;
  /** Log probability of the line, and of the first tokens of the text behind it. */
  readonly joint: number;
}

/**
 * The likeliest lines, each with how well the text behind it follows. Lines that are not known differ from
 * one found before in a token, the likeliest of these first, and go on with the likeliest tokens.
 *
 * @param first the line of the likeliest tokens, with its line break
 * @param known texts of further lines
 * @param suffix the first tokens of the text behind the line, its line break included
 * @param runs most runs of the network
 * @throws the signal's reason when it is aborted
 */
export async function likeliestLines(
  continuation: Continuation,
  first: Line,
  known: readonly string[],
  options: DecodeOptions,
  healedPrefix: Uint8Array,
  suffix: string,
  runs: number,
): Promise<{ candidates: Candidate[]; steps: number }> {
  const { tokenizer, signal } = options;
  const least = () => leastLogProbability;
  const candidates: Candidate[] = [];
  let beginnings: OtherStart[] = [];
  /** The token sequences with which a line was found, or tried, to begin. */
  const begun = new Set<string>();
  let steps = 0;
  let best = -Infinity;
  /** @param isRead whether the text behind it has been read, too */
  const add = async (
    line: Line,
    from: number,
    isRead = false,
  ): Promise<void> => {
    for (const [i] of line.ids.entries())
      begun.add(beginning(line.ids.slice(0, i + 1)));
    if (candidates.some((other) => other.line.text === line.text)) return;
    const end = endAt(tokenizer, line, healedPrefix, line.text, suffix);
    const kept = line.path[end.kept]!;
    const behind = await logProbabilityBehind(
      continuation,
      line.steps[end.kept]!,
      end.rest,
      best + 2 * negligible - kept,
    );
    if (!isRead) steps++;
    const joint = kept + behind;
    best = Math.max(best, joint);
    candidates.push({ line, own: line.path.at(-1)!, joint });
    beginnings.push(...otherStarts(tokenizer, line, from, healedPrefix, least));
    await yieldToEventLoop();
    signal.throwIfAborted();
  };
  await add(first, first.healedTokens);
  for (const text of known) {
    if (text === first.text || steps + leastRuns > runs) continue;
    const { line, isRun } = await knownLine(
      continuation,
      first,
      text,
      suffix,
      best + negligible,
      healedPrefix,
      options,
    );
    if (isRun) steps++;
    if (line !== undefined) await add(line, line.healedTokens, isRun);
    await yieldToEventLoop();
    signal.throwIfAborted();
  }
  while (candidates.length < mostLines && steps + leastRuns <= runs) {
    const negligibleTo = best + negligible;
    beginnings = beginnings
      .filter(({ logProbability }) => logProbability > negligibleTo)
      .sort((a, b) => b.logProbability - a.logProbability);
    const next = beginnings.shift();
    if (next === undefined) break;
    const start = beginning([...next.line.ids.slice(0, next.at), next.token]);
    if (begun.has(start)) continue;
    begun.add(start);
    if (next.endsLine) {
      await add(endedLine(tokenizer, next, options), next.at + 1);
      continue;
    }
    // The last token, which ends the line, need not be read.
    const left = runs - steps - leastRuns + 1;
    const other = await decodeFrom(continuation, next, options, left);
    steps += 1 + other.steps;
    if (other.stop === "end of line") await add(other.line, next.at + 1);
  }
  return { candidates, steps };
}

function beginning(ids: readonly number[]): string {
  return ids.join(" ");
}

/** The line that a token ends. */
function endedLine(
  tokenizer: Tokenizer,
  { line, at, token, text }: OtherStart,
  options: DecodeOptions,
): Line {
  const { ids, steps, tokens, healedTokens } = line;
  const logProbability = logProbabilityOf(steps[at]!, token);
  return lineOf(
    tokenizer,
    { steps: steps.slice(0, at + 1), tokens: [...ids.slice(0, at), token] },
    text,
    [
      ...tokens.slice(0, at - healedTokens),
      { id: token, logProbability, end: text.length + 1 },
    ],
    options,
  );
}
