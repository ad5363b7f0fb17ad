import { choose } from "./places";

/** Least and most visible characters of a line: shorter ones are typed as fast as read, longer are data. */
const leastVisible = 3;
const mostCharacters = 160;
/** The first line that is typed, counted from 1: before it there is little to go on. */
const firstLine = 6;
/** Lines of a block that are to be typed after the first, at most. */
const mostLinesAfter = 16;

/** A line that a typist writes into a file from which it was taken out. */
export interface LineToType {
  /** Where its first visible character stands, in UTF-16 units of the file. */
  readonly start: number;
  /** The line without its indentation and without white space at its end. */
  readonly text: string;
  /**
   * What the typist would write after the line, the line break included; not in the open text
   * either. Empty: what follows the line stands there already.
   */
  readonly rest: string;
  /** Where the text begins that stands after the cursor all the time. */
  readonly suffixStart: number;
}

/**
 * How much of the file is still to be written when the line is typed: the line, the block that it
 * begins (the lines after it that are indented as far), or all that follows.
 */
export type Unwritten = (typeof unwritten)[number];

const unwritten = ["line", "block", "file"] as const;

/** @throws Error for a word that names none */
export function asUnwritten(word: string): Unwritten {
  const found = unwritten.find((known) => known === word);
  if (found === undefined)
    throw new Error(`--unwritten takes ${unwritten.join(", ")}`);
  return found;
}

/** Up to `count` lines of a text, drawn by `seed`, in their order. */
export function linesToType(
  text: string,
  count: number,
  seed: number,
  unwritten: Unwritten,
): LineToType[] {
  const lines = text.split("\n");
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  const numbers = [...lines.keys()].filter(
    (number) => number + 1 >= firstLine && isWorthTyping(lines[number]!),
  );
  return choose(numbers, count, seed).map((number) => {
    const line = lines[number]!;
    const content = line.trim();
    const start = starts[number]! + line.length - line.trimStart().length;
    const end = start + content.length;
    const last = number + linesBehind(lines, number, unwritten);
    const suffixStart =
      unwritten === "file" ? text.length : starts[last]! + lines[last]!.length;
    return {
      start,
      text: content,
      rest: last === number ? "" : text.slice(end, suffixStart),
      suffixStart,
    };
  });
}

function isWorthTyping(line: string): boolean {
  const content = line.trim();
  return (
    /\p{L}/u.test(content) &&
    content.replace(/\s/g, "").length >= leastVisible &&
    content.length <= mostCharacters
  );
}

/** How many of the lines after one are still to be written. */
function linesBehind(
  lines: readonly string[],
  number: number,
  unwritten: Unwritten,
): number {
  if (unwritten === "line") return 0;
  if (unwritten === "file") return lines.length - 1 - number;
  const indentation = indentationOf(lines[number]!);
  let count = 0;
  for (let after = 1; after <= mostLinesAfter; after++) {
    const line = lines[number + after];
    if (line === undefined) break;
    if (line.trim() === "") continue;
    if (!line.startsWith(indentation)) break;
    count = after;
  }
  return count;
}

function indentationOf(line: string): string {
  return line.slice(0, line.length - line.trimStart().length);
}
