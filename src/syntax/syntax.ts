import type { TextEdit } from "./position";

export type { TextEdit } from "./position";

/** A range of a text, UTF-16 offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What kind of text a character typed at an offset would belong to, and how far that reaches. */
export interface Place extends Span {
  readonly kind: "code" | "comment" | "string" | "regex";
}

/** A place behind `object.`, where a member's name stands or is being typed. */
export interface MemberPlace {
  /** The text left of the dot (or `->`, `::`, `?.`). */
  readonly object: string;
  /** Where the member's name starts. */
  readonly start: number;
}

/** A closing bracket and where it stands. */
export interface Closer {
  readonly closer: string;
  readonly at: number;
}

/** A place in an inserted text where a reader would end. */
export interface End {
  /** Offset in the inserted text; the end is before the character there. */
  readonly at: number;
  /** The largest thing that ends there. */
  readonly kind: "word" | "argument" | "call" | "statement" | "block";
}

/** What is known of a text that may be inserted. */
export interface Insertion {
  /** Closing brackets of the inserted text that it does not open itself, in order. */
  readonly unopened: readonly Closer[];
  /** What closes the brackets and strings that the inserted text leaves open, the innermost last. */
  readonly unclosed: readonly string[];
  /** Places where the inserted text may end, in order; those behind its first error are left out. */
  readonly ends: readonly End[];
  /**
   * Undefined if the inserted text adds no syntax error. Else how much of it is still the start of
   * something that may stand there: at most so many UTF-16 units may be kept.
   */
  readonly wrongFrom: number | undefined;
}

/**
 * What is known of a text's structure, whoever knows it: a tree where the language has a grammar
 * (`TreeSyntax`), else rules that hold in most languages (`TextSyntax`). Of one version of a text,
 * and valid as long as it is held.
 */
export interface Syntax {
  /** Whether a parser knows the text; else it is rules that hold in most languages. */
  readonly isParsed: boolean;

  /** The kind of place at an offset; code where nothing else is known. */
  placeAt(offset: number): Place;

  /** The closing brackets that are missing before an offset, the innermost last. */
  openBrackets(offset: number): string[];

  /** The blocks around an offset, the innermost first; empty where they are not known. */
  blocksAround(offset: number): Span[];

  /** Whether a statement or a block ends at an offset, spaces before it aside. */
  endAt(offset: number): "statement" | "block" | undefined;

  /** The member access at an offset; undefined elsewhere and in comments and strings. */
  memberAt(offset: number): MemberPlace | undefined;

  /**
   * Looks at a text as if it were inserted, or put in place of the text between two offsets.
   *
   * @param timeLimit milliseconds; a few are enough unless what stands around is very broken
   * @returns undefined if it could not be told in time
   */
  insert(edit: TextEdit, timeLimit: number): Insertion | undefined;

  /**
   * The longest beginning of an insertion, among given lengths, that adds no syntax error.
   *
   * An error is added if the parser comes upon a token that nothing can make right that may still
   * be typed: one in the insertion, or one behind it that stood well before. What is merely
   * unfinished (`foo(a`, `if (x`, `"text`) is none, unless text follows on its line.
   *
   * @param cuts lengths at which the insertion may be cut, ascending
   * @param timeLimit milliseconds
   * @returns the insertion's length if nothing is wrong, 0 if no cut helps, undefined if it could
   *   not be told in time
   */
  fitting(
    edit: TextEdit,
    cuts: readonly number[],
    timeLimit: number,
  ): number | undefined;
}
