import type { Continuation } from "../../runtime/continuation";
import { commonPrefix } from "../../tokenizer/commonPrefix";
import { encode } from "../../tokenizer/tokenizer";
import type { DecodeOptions } from "../decode";
import { lineOf, logProbabilityOf, type Line } from "../midLine/line";
import type { Step } from "../midLine/trail";
import type { DecodedToken } from "../suggestion";

/**
 * A line of a known text, read from where another one begins; undefined if it is too unlikely, too long, or not
 * ended by a line break.
 *
 * @param other a line that was decoded at the position
 * @param suffix the first tokens of the text behind the line, its line break included
 * @param least log probability that it has to have
 */
export async function knownLine(
  continuation: Continuation,
  other: Line,
  text: string,
  suffix: string,
  least: number,
  healedPrefix: Uint8Array,
  options: DecodeOptions,
): Promise<Line | undefined> {
  const { tokenizer, maxTokens } = options;
  const inserted = Buffer.from(text + suffix);
  const ids = encode(tokenizer, Buffer.concat([healedPrefix, inserted]));
  // What both lines begin with was read before.
  const shared = commonPrefix(ids, other.ids);
  const steps: Step[] = other.steps.slice(0, shared + 1);
  continuation.rewind(steps.at(-1)!.mark);
  const tokens: DecodedToken[] = [];
  let bytes = 0;
  let logProbability = 0;
  for (const [i, id] of ids.entries()) {
    if (i === steps.length) {
      await continuation.push(ids[i - 1]!, ids.slice(i, -1));
      const probabilities = continuation.next();
      steps.push({ mark: continuation.mark(), probabilities });
    }
    bytes += tokenizer.bytesOf(id).length;
    if (bytes <= healedPrefix.length) continue;
    const ofToken = logProbabilityOf(steps[i]!, id);
    logProbability += ofToken;
    if (logProbability < least || tokens.length >= maxTokens) return undefined;
    const added = inserted.subarray(0, bytes - healedPrefix.length).toString();
    const endsLine = added.length > text.length;
    const end = endsLine ? text.length + 1 : added.length;
    tokens.push({ id, logProbability: ofToken, end });
    if (!endsLine) continue;
    const trail = { steps: steps.slice(0, i + 1), tokens: ids.slice(0, i + 1) };
    return lineOf(tokenizer, trail, text, tokens, options);
  }
  return undefined;
}
