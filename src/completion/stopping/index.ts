import { blockEnd } from "../../syntax/blockEnd";
import type { Surroundings } from "../context";
import { repetitionStart } from "../repetition";
import type { StoppingCriterion } from "./criterion";

/** The stopping criteria of an inline suggestion, in the order in which they count. */
export function suggestionCriteria(
  around: Surroundings,
  maxLines: number,
): StoppingCriterion[] {
  const isMidLine = around.lineSuffix.trim() !== "";
  return [
    ...(isMidLine ? [endOfLine] : []),
    earliest(endOfBlock(around), lineLimit(maxLines)),
    repetition(around.before),
  ];
}

/** Ends a text before its first line break. */
export const endOfLine: StoppingCriterion = (text) => {
  const end = text.indexOf("\n");
  return end < 0 ? undefined : { end, stop: "end of line" };
};

function endOfBlock(around: Surroundings): StoppingCriterion {
  return (text) => {
    const end = text.includes("\n") ? blockEnd(text, around) : undefined;
    return end === undefined ? undefined : { end, stop: "end of block" };
  };
}

/** Ends a text with line number `maxLines` (from 1), if a line break follows it. */
function lineLimit(maxLines: number): StoppingCriterion {
  return (text) => {
    let end = -1;
    for (let line = 0; line < maxLines; line++) {
      end = text.indexOf("\n", end + 1);
      if (end < 0) return undefined;
    }
    return { end, stop: "line limit" };
  };
}

/** Ends a text that repeats itself, after the first turn of the cycle. */
export function repetition(before: string): StoppingCriterion {
  return (text) => {
    const end = repetitionStart(text, before);
    return end === undefined ? undefined : { end, stop: "repetition" };
  };
}

/** The ending with the lowest offset; of equal ones that of the earlier criterion. */
function earliest(...criteria: StoppingCriterion[]): StoppingCriterion {
  return (text) =>
    criteria
      .map((criterion) => criterion(text))
      .filter((ending) => ending !== undefined)
      .sort((a, b) => a.end - b.end)[0];
}
