import { encode, type Tokenizer } from "../../tokenizer/tokenizer";
import type { Surroundings } from "../context";
import { splitsWord } from "../../text/words";
import { repeatsNextWord } from "../postprocess/cutOverlap";
import { keepsBrackets } from "./keepsBrackets";
import { logProbabilityOf, type Line } from "./line";

/** Number of tokens after the cursor that are read; more do not improve the choice (docs/evaluation.md). */
const suffixTokens = 4;
const mostSuffixCharacters = 256;

/** A place where a line could end, so that the text after the cursor follows. */
export interface End {
  readonly line: Line;
  /** What would be inserted. */
  readonly text: string;
  /** Log probability of the whole tokens of that text. */
  readonly middle: number;
  /** How many ids of the line are kept. */
  readonly kept: number;
  /** The tokens after them: of the rest of the text, and of the text after the cursor. */
  readonly rest: readonly number[];
  /** Upper bound of the log probability of the text and of the tokens after it. */
  readonly bound: number;
}

/** The first tokens of the text after the cursor, as text. */
export function suffixRead(
  tokenizer: Tokenizer,
  { after }: Surroundings,
): string {
  const bytes = Buffer.from(after.slice(0, mostSuffixCharacters));
  const tokens = encode(tokenizer, bytes).slice(0, suffixTokens);
  const read = Buffer.concat(tokens.map((token) => tokenizer.bytesOf(token)));
  // Half a character at the end is left out.
  return read.toString().replace(/\ufffd+$/, "");
}

/**
 * The places where a line could end: after each token, and before each sign that closes or separates.
 * Places that would change how the line pairs its brackets and quotes are left out. The start of the
 * line is one of them: then nothing is inserted.
 */
export function endsOf(
  tokenizer: Tokenizer,
  line: Line,
  healedPrefix: Uint8Array,
  suffix: string,
  around: Surroundings,
): End[] {
  const { given } = line;
  const places = new Set([given.text.length, line.text.length]);
  for (const { end } of line.tokens) places.add(end);
  for (const { index } of line.text.matchAll(/[)\]}"'`,;:>]/g))
    places.add(index);
  const texts = [...places]
    .filter((place) => given.text.length <= place && place <= line.text.length)
    .map((place) => line.text.slice(0, place))
    .filter(
      (text) =>
        text.trimEnd() === text &&
        !splitsWord(text + suffix, text.length) &&
        !repeatsNextWord(text, around.lineSuffix) &&
        keepsBrackets(around, text),
    );
  return texts.map((text) =>
    endAt(tokenizer, line, healedPrefix, text, suffix),
  );
}

/** The end of a line at one of its places, before the first tokens after the cursor. */
export function endAt(
  tokenizer: Tokenizer,
  line: Line,
  healedPrefix: Uint8Array,
  text: string,
  suffix: string,
): End {
  const { ids, given, tokens, healedTokens, steps, path } = line;
  const whole =
    healedTokens + tokens.filter(({ end }) => end <= text.length).length;
  const last = Math.min(whole, steps.length - 1);
  // Signs on both sides of the cursor are often one token.
  const inserted = Buffer.from(text.slice(given.text.length) + suffix);
  let rest = encode(tokenizer, Buffer.concat([healedPrefix, inserted]));
  let kept = 0;
  while (kept < last && kept + 1 < rest.length && rest[kept] === ids[kept])
    kept++;
  rest = rest.slice(kept);
  if (kept < last - 2 && last > healedTokens) {
    // The decoded tokens of the line are kept, though the tokenizer might choose others.
    kept = last;
    const from = tokens[last - healedTokens - 1]!.end;
    rest = encode(tokenizer, Buffer.from(text.slice(from) + suffix));
  }
  const bound = path[kept]! + logProbabilityOf(steps[kept]!, rest[0]!);
  return { line, text, middle: path[whole]!, kept, rest, bound };
}
