import type { TextEdit } from "./position";

export type { TextEdit } from "./position";

/** The syntax of one version of a text; stays valid when the text changes. */
export interface Syntax {
  /**
   * The length of the longest prefix of an insertion, among `cuts`, that adds no syntax error.
   *
   * The insertion adds an error if the parser rejects a token that no further typing can make
   * valid: a token of the insertion, or a token after it that was valid before. Unfinished code
   * (`foo(a`, `if (x`, `"text`) is no error, unless text follows on its line.
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
