import type { Tree } from "web-tree-sitter";
import { excerptAround } from "./excerpt";
import { fittingIn } from "./fitting";
import type { Grammar } from "./grammars";
import type { KnownError, ParsedText } from "./judgement";
import { ParsedExcerpt } from "./parsedExcerpt";
import type { Syntax, TextEdit } from "./syntax";

/**
 * The syntax of a text: of an excerpt around the place of an insertion, which takes the same time
 * in a file of any length, or of the whole text where the excerpt is long or makes no sense.
 */
export class TreeSyntax implements Syntax, ParsedText {
  readonly knownErrors = new Map<string, KnownError>();
  /** The excerpt that was needed last, and for which range. */
  private last: { range: string; excerpt: ParsedExcerpt } | undefined;

  /** @param tree of `text`; the caller neither edits nor frees it */
  constructor(
    readonly grammar: Grammar,
    readonly tree: Tree,
    readonly text: string,
  ) {}

  get base(): Tree {
    return this.tree;
  }

  fitting(
    edit: TextEdit,
    cuts: readonly number[],
    timeLimit: number,
  ): number | undefined {
    const deadline = performance.now() + timeLimit;
    const excerpt = this.excerptFor(edit);
    if (excerpt !== undefined) {
      const length = excerpt.fitting(edit, cuts, deadline);
      if (length !== "useless") return length;
    }
    return fittingIn(this, edit, cuts, deadline);
  }

  /** Frees the trees of the excerpt; it is parsed again when it is needed. */
  releaseExcerpt(): void {
    this.last?.excerpt.dispose();
    this.last = undefined;
  }

  private excerptFor({ start, end }: TextEdit): ParsedExcerpt | undefined {
    const range = `${start}-${end}`;
    if (this.last?.range === range) return this.last.excerpt;
    const excerpt = excerptAround(this.text, start, end);
    if (excerpt === undefined) return undefined;
    this.releaseExcerpt();
    this.last = { range, excerpt: new ParsedExcerpt(this.grammar, excerpt) };
    return this.last.excerpt;
  }
}
