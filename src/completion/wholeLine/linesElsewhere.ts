import type { Passage } from "../../copying/passages";
import type { Continuation } from "../../runtime/continuation";
import { commonEnd, commonStart } from "../../text/inCommon";
import { bytesOfText, encode, type Tokenizer } from "../../tokenizer/tokenizer";
import type { Surroundings } from "../context";

/** Tokens of the next line by which it is found elsewhere. */
const keyTokens = 3;
/** UTF-16 units of the text behind the line that are compared, at most. */
const mostCompared = 512;

/** The text between the cursor's line and the first character of the next line that is not blank. */
interface Gap {
  /** Line breaks in it. */
  readonly breaks: number;
  /** Of the next line. */
  readonly indentation: string;
}

/** A line that stands elsewhere before the next line. */
interface LineElsewhere {
  /** What would be inserted. */
  readonly text: string;
  /** Characters on both sides that are the same as here. */
  readonly alike: number;
}

/**
 * The lines that stand before the next line elsewhere, in this file or in another that may be copied from, as
 * they would be inserted: those first that have most of the text on both sides in common with the position.
 *
 * @param most the largest number of lines
 */
export function linesElsewhere(
  continuation: Pick<Continuation, "passagesAround">,
  tokenizer: Tokenizer,
  around: Surroundings,
  most: number,
): string[] {
  const after = around.after.slice(0, mostCompared).replaceAll("\r", "");
  const start = after.search(/\S/);
  const gap = gapOf(after.slice(0, Math.max(start, 0)));
  if (gap === undefined) return [];
  const next = after.slice(start);
  const key = encode(tokenizer, bytesOfText(next), keyTokens);
  if (key.length < keyTokens) return [];
  const before = around.before.replaceAll("\r", "").trimEnd();
  const best = new Map<string, number>();
  for (const passage of continuation.passagesAround(key)) {
    const { text, alike } =
      lineIn(passage, tokenizer, around.linePrefix, gap, before, next) ?? {};
    if (text === undefined || alike === undefined) continue;
    best.set(text, Math.max(best.get(text) ?? 0, alike));
  }
  return [...best]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([text]) => text);
}

/** @param blank white space; undefined if it has no line break */
function gapOf(blank: string): Gap | undefined {
  const lines = blank.split("\n");
  if (lines.length < 2) return undefined;
  return { breaks: lines.length - 1, indentation: lines.at(-1)! };
}

/** The line before the next line in a passage; undefined if it has none, or none that fits here. */
function lineIn(
  passage: Passage,
  tokenizer: Tokenizer,
  linePrefix: string,
  gap: Gap,
  before: string,
  next: string,
): LineElsewhere | undefined {
  const decoded = (tokens: readonly number[]) =>
    Buffer.concat(tokens.map((token) => tokenizer.bytesOf(token))).toString();
  const upToNext = decoded(passage.before.slice(0, -keyTokens));
  const content = upToNext.trimEnd();
  const there = gapOf(upToNext.slice(content.length));
  const lineStart = content.lastIndexOf("\n") + 1;
  // A passage may begin within a line.
  if (there?.breaks !== gap.breaks || lineStart === 0) return undefined;
  const line = content.slice(lineStart);
  const code = line.trimStart();
  const indentation = indentedAs(
    line.slice(0, line.length - code.length),
    there.indentation,
    gap.indentation,
  );
  if (indentation === undefined || code.includes("\ufffd")) return undefined;
  const whole = indentation + code;
  const text = whole.startsWith(linePrefix)
    ? whole.slice(linePrefix.length)
    : code;
  const behind = decoded(
    passage.before.slice(-keyTokens).concat(passage.after),
  );
  const ahead = content.slice(0, lineStart).trimEnd();
  return {
    text,
    alike: commonStart(behind, next) + commonEnd(ahead, before),
  };
}

/**
 * An indentation as it is when the next line's changes from `nextThere` to `nextHere`; undefined if it has nothing in
 * common with that.
 */
function indentedAs(
  indentation: string,
  nextThere: string,
  nextHere: string,
): string | undefined {
  if (indentation.startsWith(nextThere))
    return nextHere + indentation.slice(nextThere.length);
  const more = nextThere.slice(indentation.length);
  return nextThere.startsWith(indentation) && nextHere.endsWith(more)
    ? nextHere.slice(0, nextHere.length - more.length)
    : undefined;
}
