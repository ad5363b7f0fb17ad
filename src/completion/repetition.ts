import { splitsWord } from "../text/words";

/** Lines in the longest cycle, and the number of its repeats (turns) that make a repetition. */
const longestCycle = 8;
const turns = 3;
/** The same within a line: characters in the longest cycle, turns, and their least total length. */
const longestUnit = 40;
const unitTurns = 4;
const leastRun = 20;

/**
 * Where a text starts to repeat itself: the offset at which the first turn of a cycle ends. Lines
 * before the text count as turns, too, so a third equal line is a repetition.
 */
export function repetitionStart(
  text: string,
  before: string,
): number | undefined {
  return lineCycle(text, before) ?? unitCycle(text);
}

function lineCycle(text: string, before: string): number | undefined {
  const earlier = before.split("\n").slice(-2 * longestCycle * turns);
  const prefix = earlier.pop() ?? "";
  const all = [...earlier, ...(prefix + text).split("\n")];
  // Blank lines between two turns are no difference.
  const places = [...all.keys()].filter((i) => all[i]!.trim() !== "");
  const lines = places.map((i) => all[i]!.trimEnd());
  for (let last = 0; last < lines.length; last++) {
    if (places[last]! < earlier.length) continue;
    for (let cycle = 1; cycle <= longestCycle; cycle++) {
      // The first line of the last turn is enough: a limit may have ended the text there.
      const first = last - cycle * (turns - 1);
      if (first < 0 || !isPeriodic(lines, first, last, cycle)) continue;
      // The first turn is kept, as far as it is part of `text` rather than of `before`.
      const end = places[first + cycle - 1]! + 1;
      return offsetOfLineEnd(text, Math.max(0, end - earlier.length));
    }
  }
  return undefined;
}

function isPeriodic(
  lines: string[],
  first: number,
  last: number,
  cycle: number,
): boolean {
  for (let i = first + cycle; i <= last; i++)
    if (!repeats(lines[i]!, lines[i - cycle]!)) return false;
  return true;
}

/**
 * Whether a line repeats an earlier one, perhaps indented deeper. One that is indented less is no
 * repetition: lines that close nested blocks are like that.
 */
function repeats(line: string, earlier: string): boolean {
  if (line === earlier) return true;
  return line.length > earlier.length && line.trim() === earlier.trim();
}

/** The offset at which the first `count` lines end. */
function offsetOfLineEnd(text: string, count: number): number {
  let end = -1;
  for (let i = 0; i < count; i++) {
    end = text.indexOf("\n", end + 1);
    if (end < 0) return text.length;
  }
  return Math.max(end, 0);
}

function unitCycle(text: string): number | undefined {
  for (
    let unit = 1;
    unit <= longestUnit && unit * unitTurns <= text.length;
    unit++
  ) {
    let run = unit;
    while (
      run < text.length &&
      text[text.length - run - 1] === text[text.length - run - 1 + unit]
    ) {
      run++;
    }
    const start = text.length - run;
    const once = text.slice(start, start + unit);
    // Repeated punctuation, such as a row of dashes, is intended.
    if (
      run >= unit * unitTurns &&
      run >= leastRun &&
      /[\p{L}\p{N}]/u.test(once)
    ) {
      // If the first turn would end within a word, it ends after the word, unless all is one word.
      const end = start + unit;
      let wordEnd = end;
      while (splitsWord(text, wordEnd)) wordEnd++;
      return wordEnd - end < unit ? wordEnd : end;
    }
  }
  return undefined;
}
