import type { Point } from "web-tree-sitter";
import { judge, restOfLine, type ParsedText } from "./judgement";
import type { TextEdit } from "./position";
import { isFaultless } from "./probe";

/** Shorter prefixes that are tried if an insertion does not fit. */
const mostCuts = 12;

/**
 * See `Syntax.fitting`.
 *
 * @param deadline by `performance.now()`
 * @param onEarlier told of an error before the insertion: where the token before it ends
 */
export function fittingIn(
  parsed: ParsedText,
  edit: TextEdit,
  cuts: readonly number[],
  deadline: number,
  onEarlier?: (error: Point) => void,
): number | undefined {
  const { start, end, text } = edit;
  const { grammar, base } = parsed;
  if (!base.rootNode.hasError || base !== parsed.tree) {
    const isRight = isFaultless(grammar, base, parsed.text, edit, deadline);
    if (isRight === undefined) return undefined;
    if (isRight) return text.length;
  }
  let { length } = text;
  // The part before an error inside the insertion is valid, even if time runs out.
  let sure = 0;
  for (let tried = 0; tried <= mostCuts; tried++) {
    const shorter = { start, end, text: text.slice(0, length) };
    const judged = judge(parsed, shorter, deadline);
    if (judged === undefined) return tried === 0 ? undefined : sure;
    const { wrongFrom, probe } = judged;
    if (probe.earlier !== undefined) onEarlier?.(probe.earlier);
    if (wrongFrom === undefined) return length;
    const before = length;
    length = cuts.findLast((cut) => cut < before && cut <= wrongFrom) ?? 0;
    if (length === 0) return 0;
    const isInside = probe.error !== undefined && "inside" in probe.error;
    sure = isInside && !restOfLine(parsed.text, end) ? length : 0;
  }
  return 0;
}
