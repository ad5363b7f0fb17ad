const closerOf: Readonly<Record<string, string>> = {
  "(": ")",
  "[": "]",
  "{": "}",
};
const quotes = "\"'`";

/** The closing brackets and quotes that an editor has inserted after the cursor. */
export interface Closed {
  /** The closing characters, the innermost first. */
  readonly closers: string;
  /** How many characters of the line come before the first of them. */
  readonly before: number;
}

/** Where a bracket or quote and its counterpart stand in a line. */
export interface Pair {
  readonly open: number;
  readonly close: number;
}

/**
 * For each position of a line, 0 … its length, the text after the cursor in an editor that closes
 * brackets and quotes: the closers of the pairs that are open there and closed in the line. The closer
 * of a bracket that a later line closes is in that line.
 */
export function closedAfter(line: string): Closed[] {
  const pairs = pairsOf(line);
  return Array.from({ length: line.length + 1 }, (_, at) => {
    const open = pairs
      .filter(({ open, close }) => open < at && at <= close)
      .sort((a, b) => a.close - b.close);
    return {
      closers: open.map(({ close }) => line[close]!).join(""),
      before: (open[0]?.close ?? line.length) - at,
    };
  });
}

/** The brackets of a line without a partner in it, and the quote of a string that it leaves open. */
export function bracketsOf(line: string): string {
  const { unmatched, openQuote } = scan(line);
  return unmatched.map((at) => line[at]!).join("") + (openQuote ?? "");
}

/** Brackets and strings that a line closes itself, in the order in which they close. */
export function pairsOf(line: string): Pair[] {
  return scan(line).pairs;
}

/**
 * Goes through a line once. A bracket in a string is none. A quote within or after a word is no
 * opening one (an apostrophe, a literal's suffix); nor is a `'` that nothing closes (a lifetime).
 */
function scan(line: string): {
  pairs: Pair[];
  unmatched: number[];
  openQuote: string | undefined;
} {
  const pairs: Pair[] = [];
  const open: number[] = [];
  const unmatched: number[] = [];
  let openQuote: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!;
    if (quotes.includes(char) && !/[\p{L}\p{N}]/u.test(line[at - 1] ?? "")) {
      const end = stringEnd(line, at);
      if (end !== undefined) {
        pairs.push({ open: at, close: end });
        at = end;
      } else if (char !== "'") {
        openQuote = char;
        break;
      }
    } else if (closerOf[char] !== undefined) open.push(at);
    else if (")]}".includes(char)) {
      const opener = open.at(-1);
      if (opener !== undefined && closerOf[line[opener]!] === char) {
        open.pop();
        pairs.push({ open: opener, close: at });
      } else unmatched.push(at);
    }
  }
  return { pairs, unmatched: [...unmatched, ...open], openQuote };
}

/** Where the string that begins at `at` ends; undefined if it does not. */
function stringEnd(line: string, at: number): number | undefined {
  for (let end = at + 1; end < line.length; end++) {
    if (line[end] === "\\") end++;
    else if (line[end] === line[at]) return end;
  }
  return undefined;
}
