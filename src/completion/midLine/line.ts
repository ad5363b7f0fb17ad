import type { Continuation } from "../../runtime/continuation";
import type { Tokenizer } from "../../tokenizer/tokenizer";
import { tokenOf, type DecodeOptions } from "../decode";
import type { DecodedToken } from "../suggestion";
import type { Step, Trail } from "./trail";

/** A text chosen before decoding, and its log probability. */
export type Given = NonNullable<DecodeOptions["start"]>;

/** A line that was decoded, with the positions that decoding passed. */
export interface Line {
  readonly text: string;
  /** The start of the text, which was decided before. */
  readonly given: Given;
  /** Tokens of the rest of the text. */
  readonly tokens: readonly DecodedToken[];
  /** All tokens; those that only repeat bytes of the document come first. */
  readonly ids: readonly number[];
  /** How many of them only repeat bytes of the document, which healing took off. */
  readonly healedTokens: number;
  /** The position before each of `ids`, and perhaps the one after the last. */
  readonly steps: readonly Step[];
  /** Log probability of `given` and of the ids from `healedTokens` to i, for each i, [ids.length + 1]. */
  readonly path: readonly number[];
}

const nothing: Given = { text: "", logProbability: 0 };

/**
 * @param ofText tokens of the text; the first stands for what was given, `trail` passed the others
 * @param options those of `decode`
 */
export function lineOf(
  tokenizer: Tokenizer,
  trail: Pick<Trail, "steps" | "tokens">,
  text: string,
  ofText: readonly DecodedToken[],
  {
    skippedBytes,
    start: given = nothing,
  }: Pick<DecodeOptions, "skippedBytes" | "start">,
): Line {
  const { steps } = trail;
  const tokens = given.text === "" ? ofText : ofText.slice(1);
  let healedTokens = 0;
  for (
    let left = skippedBytes;
    healedTokens < trail.tokens.length;
    healedTokens++
  ) {
    left -= tokenizer.bytesOf(trail.tokens[healedTokens]!).length;
    if (left < 0) break;
  }
  const ids = [
    ...trail.tokens.slice(0, healedTokens),
    ...tokens.map(({ id }) => id),
  ];
  const path = [0];
  for (const [i, id] of ids.entries())
    path.push(path[i]! + logProbabilityOf(steps[i]!, id));
  return {
    text,
    given,
    tokens,
    ids,
    healedTokens,
    steps,
    path: path.map(
      (value) => given.logProbability + value - path[healedTokens]!,
    ),
  };
}

/** The token that stands for what is given. */
export function givenTokens(given: Given): DecodedToken[] {
  return given.text === "" ? [] : [tokenOf(given)];
}

/** Natural logarithm of a token's probability among those allowed. */
export function logProbabilityOf({ probabilities }: Step, id: number): number {
  let allowed = 0;
  for (let i = 0; i < probabilities.length; i++) allowed += probabilities[i]!;
  return Math.log(Math.max(probabilities[id]! / allowed, 1e-30));
}

/**
 * Log probability of tokens after a step. The continuation is left where it was.
 *
 * @param least once it is known to be below this, an upper bound is enough
 */
export async function logProbabilityBehind(
  continuation: Continuation,
  step: Step,
  tokens: readonly number[],
  least = -Infinity,
): Promise<number> {
  const [first, ...others] = tokens;
  const mark = continuation.mark();
  let sum = logProbabilityOf(step, first!);
  continuation.rewind(step.mark);
  let last = first!;
  for (const [i, token] of others.entries()) {
    if (sum < least) break;
    // The last one is not read: what follows it is not asked for.
    await continuation.push(last, others.slice(i, -1));
    sum += Math.log(Math.max(continuation.next()[token]!, 1e-30));
    last = token;
  }
  continuation.rewind(mark);
  return sum;
}
