import type { Context } from "../../src/runtime/runtime";
import { PrefixIndex } from "../../src/tokenizer/prefixIndex";
import type { Tokenizer } from "../../src/tokenizer/tokenizer";
import { LineEnds } from "./lineEnds";
import { chooseAnyLines, seedOf, type ByteRange } from "./places";
import type { SourceFile } from "./sourceFiles";
import type { Subject } from "./subject";

/** The least that a probability in single precision can be. */
export const leastProbability = 2 ** -149;

/** Of a longer line the first bytes are asked for, since each token is asked for by itself. */
const mostBytes = 400;

/** A token, or the part of one, that stands in a line. */
export interface LineToken {
  /** Number of tokens before it. */
  readonly position: number;
  /** Its first byte in the line, and the one behind its last: bytes of the token. */
  readonly from: number;
  readonly to: number;
}

/** A line whose tokens are asked for one by one, as the product would be. */
export interface SampledLine {
  /** How many of it are asked for, its line break included. */
  readonly bytes: number;
  /** Its end, in UTF-16 units of the text: what is known behind it begins there. */
  readonly end: number;
  readonly tokens: readonly LineToken[];
}

/** Lines of a file; parameters are those of `tokensOfLine`. */
export function sampleLines(
  tokenizer: Tokenizer,
  { path, bytes }: SourceFile,
  tokens: readonly number[],
  start: number,
): SampledLine[] {
  const ends = new LineEnds(bytes);
  return chooseAnyLines(bytes, seedOf(path)).map((line) => {
    ends.moveTo(line.end - 1);
    const asked = {
      start: line.start,
      end: Math.min(line.end, line.start + mostBytes),
    };
    return {
      bytes: asked.end - asked.start,
      end: ends.offset,
      tokens: tokensOfLine(tokenizer, tokens, start, asked),
    };
  });
}

/**
 * The tokens of a line, those included that begin before it or end behind it.
 *
 * @param tokens header and text
 * @param start tokens of the header
 * @param line bytes of the text
 */
export function tokensOfLine(
  tokenizer: Tokenizer,
  tokens: readonly number[],
  start: number,
  line: ByteRange,
): LineToken[] {
  const found: LineToken[] = [];
  let byte = 0;
  for (let position = start; position < tokens.length; position++) {
    const { length } = tokenizer.bytesOf(tokens[position]!);
    const from = Math.max(0, line.start - byte);
    const to = Math.min(length, line.end - byte);
    if (from < to) found.push({ position, from, to });
    byte += length;
  }
  return found;
}

/**
 * What the bytes of a line cost, each token asked for behind all tokens before it, as the product would
 * be asked there.
 *
 * @param key of a file whose tokens the runtime has read up to the line
 * @param tokens of the file, header included
 * @param context what is known besides them
 */
export async function bitsOfLine(
  { runtime, tokenizer }: Subject,
  key: string,
  tokens: readonly number[],
  line: SampledLine,
  context: Context,
): Promise<number> {
  const { signal } = new AbortController();
  let bits = 0;
  for (const part of line.tokens) {
    const before = tokens.slice(0, part.position);
    const place = await runtime.prefill(key, before, signal, context);
    const token = tokens[part.position]!;
    bits += bitsOfPart(tokenizer, place.next(), token, part);
  }
  return bits;
}

/**
 * What some bytes of a token cost when those before them are known. Tokens that begin alike are taken
 * together: ";\n    " costs its first line as much as all tokens that begin with ";\n", and the next
 * line what is left. So the parts of a token cost as much as the token.
 *
 * @param probabilities of all tokens, [V]
 */
export function bitsOfPart(
  tokenizer: Tokenizer,
  probabilities: Float32Array,
  token: number,
  { from, to }: Pick<LineToken, "from" | "to">,
): number {
  const bytes = tokenizer.bytesOf(token);
  const bitsOfFirst = (length: number): number => {
    if (length === 0) return 0;
    const ids =
      length === bytes.length
        ? [token]
        : PrefixIndex.of(tokenizer).startingWith(bytes.subarray(0, length));
    const sum = ids.reduce((sum, id) => sum + probabilities[id]!, 0);
    return -Math.log2(Math.max(sum, leastProbability));
  };
  return bitsOfFirst(to) - bitsOfFirst(from);
}
