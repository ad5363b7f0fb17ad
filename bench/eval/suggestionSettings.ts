import {
  minConfidence,
  type MinConfidence,
} from "../../src/completion/confidence";
import { suggestionsValues } from "../../src/protocol";

const levels = suggestionsValues.map((value) => ({
  value,
  least: minConfidence(value, "automatic"),
}));

/**
 * How likely a suggestion has to be with a value of `rwkv.suggestions`, or with a threshold for a line
 * between those of two values: the others then lie between theirs at the same share of the way.
 *
 * @param setting the value, or the threshold in digits
 * @throws Error for a threshold beyond all values, and for any other word
 */
export function leastOf(setting: string): MinConfidence {
  const known = levels.find(({ value }) => value === setting);
  if (known !== undefined) return known.least;
  const line = Number(setting);
  const above = levels.findIndex(({ least }) => line <= least.line);
  const low = levels[Math.max(0, above - 1)]!.least;
  if (above < 0 || line < low.line)
    throw new Error(
      `a threshold is from ${levels[0]!.least.line} to ${levels.at(-1)!.least.line}`,
    );
  const high = levels[Math.max(1, above)]!.least;
  const share = (line - low.line) / (high.line - low.line);
  const between = (kind: keyof MinConfidence) =>
    low[kind] + share * (high[kind] - low[kind]);
  return {
    short: between("short"),
    line,
    lines: between("lines"),
    newWord: between("newWord"),
  };
}
