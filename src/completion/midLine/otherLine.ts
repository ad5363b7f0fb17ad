import type { Continuation } from "../../runtime/continuation";
import type { Stop } from "../../protocol";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import { decode, type DecodeOptions } from "../decode";
import { givenTokens, lineOf, logProbabilityOf, type Line } from "./line";
import { Trail } from "./trail";

/** Least log probability of a token that is tried. */
const leastLogProbability = Math.log(0.02);

/** The start of another line: a token in place of one of a line's own. */
export interface OtherStart {
  readonly line: Line;
  /** How many ids of the line come before it. */
  readonly at: number;
  readonly token: number;
  /** Text of the line until there, with the token; without a line break. */
  readonly text: string;
  /** Whether the token ends the line. */
  readonly endsLine: boolean;
  /** Log probability of the line until there, with the token. */
  readonly logProbability: number;
}

/** Other tokens examined at a position: the likeliest are often line breaks, which may not count. */
const mostTokens = 4;

/** The likeliest token that would make it another line; undefined if all are too unlikely. */
export function otherStart(
  tokenizer: Tokenizer,
  line: Line,
  healedPrefix: Uint8Array,
): OtherStart | undefined {
  let best: OtherStart | undefined;
  const least = () => best?.logProbability ?? leastLogProbability;
  const from = line.healedTokens;
  for (const start of otherStarts(tokenizer, line, from, healedPrefix, least))
    if (!start.endsLine && start.at !== best?.at) best = start;
  return best;
}

/**
 * The starts of lines with another token in place of one of a line's own, the likeliest first at each position.
 *
 * @param from the first position, an index of `line.ids`
 * @param least their least log probability; asked again before each
 */
export function* otherStarts(
  tokenizer: Tokenizer,
  line: Line,
  from: number,
  healedPrefix: Uint8Array,
  least: () => number,
): Generator<OtherStart> {
  const { ids, steps, path } = line;
  for (let at = from; at < ids.length; at++) {
    const but = new Set([ids[at]!]);
    while (but.size <= mostTokens) {
      const token = likeliestBut(steps[at]!.probabilities, but);
      const logProbability = path[at]! + logProbabilityOf(steps[at]!, token);
      if (logProbability < least()) break;
      but.add(token);
      const start = startWith(tokenizer, line, at, token, healedPrefix);
      if (start !== undefined) yield { ...start, logProbability };
    }
  }
}

function likeliestBut(
  probabilities: Float32Array,
  but: ReadonlySet<number>,
): number {
  let best = -1;
  for (let id = 0; id < probabilities.length; id++)
    if ((best < 0 || probabilities[id]! > probabilities[best]!) && !but.has(id))
      best = id;
  return best;
}

/** The start of a line with another token at a position; undefined if that is no text, or half a character. */
function startWith(
  tokenizer: Tokenizer,
  line: Line,
  at: number,
  token: number,
  healedPrefix: Uint8Array,
): Omit<OtherStart, "logProbability"> | undefined {
  if (token >= tokenizer.vocabularySize) return undefined;
  const { ids, healedTokens, tokens, given } = line;
  const bytes = Buffer.concat(
    [
      ...ids.slice(0, healedTokens),
      ...(at === healedTokens ? [token] : []),
    ].map((id) => tokenizer.bytesOf(id)),
  );
  const own =
    at === healedTokens
      ? bytes.subarray(healedPrefix.length)
      : tokenizer.bytesOf(token);
  const added = Buffer.from(own).toString();
  if (added === "" || /[\r\ufffd]/.test(added)) return undefined;
  const before = line.text.slice(
    0,
    tokens[at - healedTokens - 1]?.end ?? given.text.length,
  );
  const [text = ""] = (before + added).split("\n", 1);
  return { line, at, token, text, endsLine: added.includes("\n") };
}

/**
 * Decodes a line from its other start on.
 *
 * @param mostTokens of the line behind that start
 * @throws the signal's reason when it is aborted
 */
export async function decodeFrom(
  continuation: Continuation,
  { line, at, token, text: start }: OtherStart,
  options: DecodeOptions,
  mostTokens = Infinity,
): Promise<{ line: Line; steps: number; stop: Stop }> {
  const { tokenizer } = options;
  const { ids, healedTokens, path } = line;
  const trail = new Trail(continuation, {
    steps: line.steps.slice(0, at + 1),
    tokens: ids.slice(0, at),
  });
  const logProbability = logProbabilityOf(line.steps[at]!, token);
  continuation.rewind(line.steps[at]!.mark);
  trail.accept(token);
  await continuation.push(token);
  const decoded = await decode(continuation, {
    ...options,
    skippedBytes: 0,
    start: undefined,
    processors: [trail],
    minConfidence: options.minConfidence / Math.exp(path[at]! + logProbability),
    maxTokens: Math.min(
      options.maxTokens - (at - healedTokens) - 1,
      mostTokens,
    ),
    stoppingCriteria: options.stoppingCriteria.map((criterion) => (text) => {
      const ending = criterion(start + text);
      return (
        ending && { ...ending, end: Math.max(0, ending.end - start.length) }
      );
    }),
  });
  const tokens = [
    ...givenTokens(line.given),
    ...line.tokens.slice(0, at - healedTokens),
    { id: token, logProbability, end: start.length },
    ...decoded.tokens.map((each) => ({
      ...each,
      end: each.end + start.length,
    })),
  ];
  const text = start + decoded.text;
  const whole = lineOf(tokenizer, trail, text, tokens, options);
  return { line: whole, steps: decoded.steps, stop: decoded.stop };
}
