import type { Point, Tree } from "web-tree-sitter";
import type { Excerpt } from "./excerpt";
import { fittingIn } from "./fitting";
import type { Grammar } from "./grammars";
import type { KnownError, ParsedText } from "./judgement";
import { inTree, isBefore, pointAt, type TextEdit } from "./position";
import { parserOf } from "./probe";

/**
 * An excerpt and its trees. It is parsed first without the cursor's line, which is unfinished most
 * of the time: a tree without errors can be reused for each text that is tried in that line.
 * Nothing is taken from earlier trees, so a verdict depends on the text alone.
 */
export class ParsedExcerpt implements ParsedText {
  readonly text: string;
  readonly base: Tree;
  readonly knownErrors = new Map<string, KnownError>();
  /** The end of the code before the cursor's line. */
  private readonly lineBefore: Point;
  private parsed: Tree | undefined;

  constructor(
    readonly grammar: Grammar,
    private readonly excerpt: Excerpt,
  ) {
    const { text, lineStart, lineEnd } = excerpt;
    this.text = text;
    const before = text.slice(0, lineStart);
    const without = before + text.slice(lineEnd);
    const line = text.slice(lineStart, lineEnd);
    this.base = parserOf(grammar).parse(without)!;
    this.lineBefore = pointAt(this.base, without, before.trimEnd().length);
    const insertion = { start: lineStart, end: lineStart, text: line };
    const edit = inTree(this.base, without, insertion);
    this.base.edit(new grammar.library.Edit(edit));
  }

  get tree(): Tree {
    this.parsed ??= parserOf(this.grammar).parse(this.text, this.base)!;
    return this.parsed;
  }

  /**
   * As `Syntax.fitting`, for a range of the whole text.
   *
   * @returns "useless" if the excerpt has an error before the cursor's line
   */
  fitting(
    { start, end, text }: TextEdit,
    cuts: readonly number[],
    deadline: number,
  ): number | undefined | "useless" {
    const { start: at } = this.excerpt;
    const edit = { start: at, end: at + end - start, text };
    let isUseless = false;
    const length = fittingIn(this, edit, cuts, deadline, (error) => {
      isUseless ||= isBefore(error, this.lineBefore);
    });
    return isUseless ? "useless" : length;
  }

  /** Frees the trees. */
  dispose(): void {
    this.base.delete();
    this.parsed?.delete();
  }
}
