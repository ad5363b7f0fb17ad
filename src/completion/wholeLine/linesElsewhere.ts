import type { Passage } from "../../copying/passages";
import type { Continuation } from "../../runtime/continuation";
import { commonEnd, commonStart } from "../../text/inCommon";
import { bytesOfText, encode, type Tokenizer } from "../../tokenizer/tokenizer";
import type { Surroundings } from "../context";

/** Tokens of the next line by which it is found elsewhere. */
const keyTokens = 3;
/** UTF-16 units of the text behind the line that are compared, at most. */
const mostCompared = 512;

/** The white space between a line and the first character of the next one that is not blank. */
interface Gap {
  readonly breaks: number;
  /** Of the next line. */
  readonly indentation: string;
}

/** What a line is looked for by. */
interface Place {
  readonly linePrefix: string;
  readonly gap: Gap;
  /** The text before the line, without the white space at its end. */
  readonly before: string;
  /** The next line, from its first character that is not blank on, and what follows it. */
  readonly next: string;
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
  { before, after, linePrefix }: Surroundings,
  most: number,
): string[] {
  const text = after.slice(0, mostCompared);
  const start = Math.max(text.search(/\S/), 0);
  const gap = gapOf(text.slice(0, start));
  const key = keyOf(tokenizer, text, start);
  if (!text.startsWith("\n") || gap === undefined || key === undefined)
    return [];
  const place: Place = {
    linePrefix,
    gap,
    before: before.trimEnd(),
    next: text.slice(start),
  };
  const best = new Map<string, number>();
  for (const passage of continuation.passagesAround(key)) {
    const line = lineIn(passage, tokenizer, place);
    if (line !== undefined)
      best.set(line.text, Math.max(best.get(line.text) ?? 0, line.alike));
  }
  return [...best]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([line]) => line);
}

/** The first tokens that have text behind the white space; undefined if there are too few. */
function keyOf(
  tokenizer: Tokenizer,
  text: string,
  start: number,
): number[] | undefined {
  const tokens = encode(tokenizer, bytesOfText(text));
  let bytes = 0;
  const first = tokens.findIndex(
    (token) => (bytes += tokenizer.bytesOf(token).length) > start,
  );
  const key = tokens.slice(first, first + keyTokens);
  return first >= 0 && key.length === keyTokens ? key : undefined;
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
  { linePrefix, gap, before, next }: Place,
): LineElsewhere | undefined {
  const decoded = (tokens: readonly number[]) => {
    const parts = tokens.map((token) => tokenizer.bytesOf(token));
    return Buffer.concat(parts).toString();
  };
  const key = decoded(passage.before.slice(-keyTokens));
  const found = key.trimStart();
  const upToNext =
    decoded(passage.before.slice(0, -keyTokens)) +
    key.slice(0, key.length - found.length);
  const content = upToNext.trimEnd();
  const there = gapOf(upToNext.slice(content.length));
  const lineStart = content.lastIndexOf("\n") + 1;
  // What begins a passage may be half a line.
  if (there?.breaks !== gap.breaks || lineStart === 0) return undefined;
  const line = content.slice(lineStart);
  const code = line.trimStart();
  const indentation = indentedAs(
    line.slice(0, line.length - code.length),
    there.indentation,
    gap.indentation,
  );
  if (indentation === undefined || /[\r\ufffd]/.test(code)) return undefined;
  const whole = indentation + code;
  const text = whole.startsWith(linePrefix)
    ? whole.slice(linePrefix.length)
    : code;
  const alike =
    commonStart(found + decoded(passage.after), next) +
    commonEnd(content.slice(0, lineStart).trimEnd(), before);
  return { text, alike };
}

/**
 * An indentation as it is when the next line's changes from `nextThere` to `nextHere`; undefined if it has nothing in
 * common with that, or would mix tabs and blanks.
 */
function indentedAs(
  indentation: string,
  nextThere: string,
  nextHere: string,
): string | undefined {
  if (indentation.startsWith(nextThere)) {
    const here = nextHere + indentation.slice(nextThere.length);
    return nextThere === nextHere || /^(?: *|\t*)$/.test(here)
      ? here
      : undefined;
  }
  const more = nextThere.slice(indentation.length);
  return nextThere.startsWith(indentation) && nextHere.endsWith(more)
    ? nextHere.slice(0, nextHere.length - more.length)
    : undefined;
}
