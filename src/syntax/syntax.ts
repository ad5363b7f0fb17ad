import type { TextEdit } from "./position";

export type { TextEdit } from "./position";

/** What a parser knows of one version of a text; valid as long as it is held. */
export interface Syntax {
  /**
   * The longest beginning of an insertion, among given lengths, that adds no syntax error.
   *
   * An error is added if the parser comes upon a token that nothing can make right that may still
   * be typed: one in the insertion, or one behind it that stood well before. What is merely
   * unfinished (`foo(a`, `if (x`, `"text`) is none, unless text follows on its line.
   *
   * @param edit the text to insert, or to put in place of the text between two offsets
   * @param cuts lengths at which the insertion may be cut, ascending
   * @param timeLimit milliseconds
   * @returns the insertion's length if nothing is wrong, 0 if no cut helps, undefined if the time
   *   was too short to tell
   */
  fitting(
    edit: TextEdit,
    cuts: readonly number[],
    timeLimit: number,
  ): number | undefined;
}
