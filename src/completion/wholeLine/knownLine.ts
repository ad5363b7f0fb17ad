import type { Continuation } from "../../runtime/continuation";
import { commonPrefix } from "../../tokenizer/commonPrefix";
import { encode } from "../../tokenizer/tokenizer";
import type { DecodeOptions } from "../decode";
import { lineOf, logProbabilityOf, type Line } from "../midLine/line";
import type { Step } from "../midLine/trail";
import type { DecodedToken } from "../suggestion";

/** A line that was read, if it is likely enough. */
export interface KnownLine {
  readonly line: Line | undefined;
  /** Whether the network was run. */
  readonly isRun: boolean;
}

/**
 * A line of a known text. Reading it takes one run of the network at most, which reads the text behind it, too.
 *
 * @param other a line that was decoded at the position
 * @param suffix the first tokens of the text behind the line, beginning with its line break
 * @param least log probability that the line has to have
 */
export async function knownLine(
  continuation: Continuation,
  other: Line,
  text: string,
  suffix: string,
  least: number,
  healedPrefix: Uint8Array,
  options: DecodeOptions,
): Promise<KnownLine> {
  const { tokenizer, maxTokens, stoppingCriteria } = options;
  const inserted = Buffer.concat([healedPrefix, Buffer.from(text + suffix)]);
  const ids = encode(tokenizer, inserted);
  // What both lines begin with was read before.
  const shared = commonPrefix(ids, other.ids);
  const steps: Step[] = other.steps.slice(0, shared + 1);
  let isRun = false;
  const without = () => ({ line: undefined, isRun });
  const lineEnd = inserted.length - Buffer.from(suffix).length;
  const pieces = piecesOf(
    ids.map((id) => tokenizer.bytesOf(id)),
    healedPrefix.length,
  );
  const count = pieces.findIndex(({ end }) => end > lineEnd) + 1;
  const ofText = pieces.slice(0, count).filter(({ isHealed }) => !isHealed);
  if (count === 0 || ofText.length > maxTokens) return without();
  if (stoppingCriteria.some((ends) => ends(text))) return without();
  continuation.rewind(steps.at(-1)!.mark);
  const tokens: DecodedToken[] = [];
  let logProbability = 0;
  for (const [i, id] of ids.slice(0, count).entries()) {
    if (i === steps.length) {
      isRun = true;
      await continuation.push(ids[i - 1]!, ids.slice(i, -1));
      const probabilities = continuation.next();
      steps.push({ mark: continuation.mark(), probabilities });
    }
    const { isHealed, length } = pieces[i]!;
    if (isHealed) continue;
    const ofToken = logProbabilityOf(steps[i]!, id);
    logProbability += ofToken;
    if (logProbability < least) return without();
    const end = Math.min(length, text.length + 1);
    tokens.push({ id, logProbability: ofToken, end });
  }
  const trail = { steps: steps.slice(0, count), tokens: ids.slice(0, count) };
  const line = lineOf(tokenizer, trail, text, tokens, options);
  return { line, isRun };
}

/**
 * Where tokens end.
 *
 * @param healed bytes at the start that are not part of the text
 * @returns for each the bytes up to there, the whole characters of the text, in UTF-16 units, and whether all of
 *   it is healed
 */
function piecesOf(
  tokens: readonly Uint8Array[],
  healed: number,
): { end: number; length: number; isHealed: boolean }[] {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let end = 0;
  let length = 0;
  return tokens.map((bytes) => {
    const own = bytes.subarray(Math.max(0, healed - end));
    end += bytes.length;
    length += decoder.decode(own, { stream: true }).length;
    return { end, length, isHealed: end <= healed };
  });
}
