import { bracketsOf, closedAfter, type Closed } from "./closers";
import type { LineToType } from "./lineToType";
import { leastSaved, rightRun } from "./replay";

/** What is on the screen after a key. */
export interface Screen {
  /** How much of the line is written, in UTF-16 units. */
  readonly typed: number;
  /** The suggestion, line ends as LF; empty: none. */
  readonly shown: string;
  /** Whether the suggestion adds a syntax error; undefined: not known. */
  readonly addsError?: boolean | undefined;
  /** Milliseconds until the answer; undefined: what was shown was typed through. */
  readonly ms?: number | undefined;
}

/**
 * A line typed to its end by a user who sees what is right: a screen for each key, from behind the
 * indentation on. What is right is taken for one key; all else is typed.
 */
export interface TypedLine {
  readonly language: string;
  readonly line: Pick<LineToType, "text" | "rest">;
  /** Whether the editor has closed brackets and quotes. */
  readonly isClosing: boolean;
  readonly screens: readonly Screen[];
}

/** What stands behind each place of a line. */
export function closedAtEach(text: string, isClosing: boolean): Closed[] {
  if (isClosing) return closedAfter(text);
  return Array.from({ length: text.length + 1 }, (_, at) => ({
    closers: "",
    before: text.length - at,
  }));
}

/**
 * What an ideal suggestion could hold at a place of a line: what the typist is going to write, up to
 * what stands after the cursor already.
 */
export function rightAt(
  { text, rest }: Pick<LineToType, "text" | "rest">,
  at: number,
  { closers, before }: Closed,
): string {
  return closers === "" ? text.slice(at) + rest : text.slice(at, at + before);
}

/**
 * Length of the longest run of whole words shown that is right; 0 if it is too short to be worth a key.
 * Nothing is taken beyond the line.
 */
export function runToTake(
  line: Pick<LineToType, "text" | "rest">,
  at: number,
  shown: string,
  closed: Closed,
): number {
  const left = line.text.length - at;
  const run = Math.min(rightRun(shown, rightAt(line, at, closed)), left);
  return run >= leastSaved ? run : 0;
}

/** Where the user stands after the next key: behind what is taken, or else behind the next character. */
export function placeAfterKey(
  { text }: Pick<LineToType, "text">,
  at: number,
  taken: number,
): number {
  if (taken > 0) return at + taken;
  return at + (text.codePointAt(at)! > 0xffff ? 2 : 1);
}

/** Whether a key that brought the user from one place to another took what was shown. */
export function hasTaken(from: number, to: number): boolean {
  return to - from >= leastSaved;
}

/** Whether the brackets or quotes of a line are others once a text has been put into it. */
export function breaksLine(
  before: string,
  inserted: string,
  after: string,
): boolean {
  return bracketsOf(before + inserted + after) !== bracketsOf(before + after);
}
