import { nameSource, wordChars } from "../text/words";
import { unclosed, unopened } from "./brackets";
import type {
  End,
  Insertion,
  MemberPlace,
  Place,
  Span,
  Syntax,
  TextEdit,
} from "./syntax";

/** UTF-16 units before an offset in which open brackets are looked for. */
const nearBefore = 16 * 1024;

/** Languages in which a bracket may well stand alone. */
const withLooseBrackets: ReadonlySet<string> = new Set([
  "plaintext",
  "markdown",
  "latex",
  "tex",
  "bibtex",
  "restructuredtext",
  "shellscript",
  "git-commit",
]);

const wordEnd = new RegExp(
  `[${wordChars}](?![${wordChars}])|["'\`)\\]}]`,
  "gu",
);
const member = new RegExp(
  String.raw`(${nameSource})(?:\.|->|::|\?\.)(${nameSource})?$`,
  "u",
);

/**
 * What can be told of a text without knowing its language: brackets that are not in a string on one
 * line, and words. It takes comments for code.
 */
export class TextSyntax implements Syntax {
  readonly isParsed = false;

  constructor(
    readonly languageId: string,
    readonly text: string,
  ) {}

  placeAt(): Place {
    return { kind: "code", start: 0, end: this.text.length };
  }

  openBrackets(offset: number): string[] {
    return unclosed(this.text.slice(Math.max(0, offset - nearBefore), offset));
  }

  blocksAround(): Span[] {
    return [];
  }

  endAt(): undefined {
    return undefined;
  }

  memberAt(offset: number): MemberPlace | undefined {
    const found = member.exec(
      this.text.slice(Math.max(0, offset - 256), offset),
    );
    if (found === null) return undefined;
    return { object: found[1]!, start: offset - (found[2]?.length ?? 0) };
  }

  insert(edit: TextEdit): Insertion {
    const wrongFrom = this.firstUnopened(edit);
    const ends = [...edit.text.matchAll(wordEnd)].map(
      ({ 0: found, index }): End => ({
        at: index + found.length,
        kind: "word",
      }),
    );
    return {
      unopened: unopened(edit.text),
      unclosed: unclosed(edit.text),
      ends: ends.filter(({ at }) => wrongFrom === undefined || at <= wrongFrom),
      wrongFrom,
    };
  }

  fitting(edit: TextEdit, cuts: readonly number[]): number {
    const wrongFrom = this.firstUnopened(edit);
    if (wrongFrom === undefined) return edit.text.length;
    return cuts.findLast((cut) => cut <= wrongFrom) ?? 0;
  }

  /** The first closing bracket of an insertion that nothing opens. */
  private firstUnopened({ start, text }: TextEdit): number | undefined {
    // A bracket may have been opened farther up than is looked.
    if (withLooseBrackets.has(this.languageId) || start > nearBefore)
      return undefined;
    const open = this.openBrackets(start);
    for (const { closer, at } of unopened(text)) {
      const opener = open.lastIndexOf(closer);
      if (opener < 0) return at;
      open.length = opener;
    }
    return undefined;
  }
}
