/** Lines in the longest cycle of lines, and how often a cycle runs before it counts. */
const longestCycle = 4;
const turns = 3;
/** Within a line: characters of the longest cycle, how often it runs, and at least how long. */
const longestUnit = 40;
const unitTurns = 4;
const leastRun = 20;

/**
 * Where a text starts to go round in circles: the offset at which the first turn ends. Lines that
 * stand before the text count as turns, too, so a third equal line is a repetition.
 */
export function repetitionStart(
  text: string,
  before: string,
): number | undefined {
  return lineCycle(text, before) ?? unitCycle(text);
}

function lineCycle(text: string, before: string): number | undefined {
  const earlier = before.split("\n").slice(-longestCycle * turns);
  const prefix = earlier.pop() ?? "";
  const lines = (prefix + text).split("\n").map((line) => line.trimEnd());
  const all = [...earlier.map((line) => line.trimEnd()), ...lines];
  for (let last = earlier.length; last < all.length; last++) {
    for (let cycle = 1; cycle <= longestCycle; cycle++) {
      const first = last - cycle * turns + 1;
      if (first < 0 || !isPeriodic(all, first, last, cycle)) continue;
      // The first turn stays, as far as it belongs to the text.
      const kept = Math.max(0, first + cycle - earlier.length);
      return offsetOfLineEnd(text, kept);
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
  let content = false;
  for (let i = first; i <= last; i++) {
    if (i >= first + cycle && lines[i] !== lines[i - cycle]) return false;
    content ||= lines[i] !== "";
  }
  return content;
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
    // Rules and padding of one repeated sign are wanted.
    if (
      run >= unit * unitTurns &&
      run >= leastRun &&
      /[\p{L}\p{N}]/u.test(once)
    ) {
      return start + unit;
    }
  }
  return undefined;
}
