import { blockEnd } from "../syntax/blockEnd";
import type { Surroundings } from "./context";
import type { Ending } from "./decode";
import { repetitionStart } from "./repetition";

/** Tells when an inline suggestion has reached its end. */
export function suggestionEnd(
  around: Surroundings,
  maxLines: number,
): (text: string) => Ending | undefined {
  const oneLine = around.lineSuffix.trim() !== "";
  return (text) => {
    const lineEnd = text.indexOf("\n");
    if (oneLine && lineEnd >= 0) return { end: lineEnd, stop: "end of line" };
    const block = lineEnd < 0 ? undefined : blockEnd(text, around);
    const limit = endOfLine(text, maxLines);
    if (block !== undefined && (limit === undefined || block <= limit)) {
      return { end: block, stop: "end of block" };
    }
    if (limit !== undefined) return { end: limit, stop: "line limit" };
    return repetitionEnd(text, around.before);
  };
}

/** Ends a text that goes round in circles. */
export function repetitionEnd(
  text: string,
  before: string,
): Ending | undefined {
  const end = repetitionStart(text, before);
  return end === undefined ? undefined : { end, stop: "repetition" };
}

/** Where line number `count` (from 1) ends, if a line break follows it. */
function endOfLine(text: string, count: number): number | undefined {
  let end = -1;
  for (let line = 0; line < count; line++) {
    end = text.indexOf("\n", end + 1);
    if (end < 0) return undefined;
  }
  return end;
}
