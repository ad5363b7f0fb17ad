import type { Parser, Point, Tree } from "web-tree-sitter";
import type { Grammar } from "./grammars";
import { inTree, isBefore, pointAt, type TextEdit } from "./position";

const chunk = 4096;

/** A token of the inserted text; offsets are relative to it. */
export interface Token {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** What the parser did with a text and an insertion, as far as its first error from there on. */
export interface Probe {
  /** Tokens of the inserted text, in order. */
  readonly tokens: readonly Token[];
  /** Types of the nodes that were complete at an offset of the inserted text, inner ones first. */
  readonly complete: ReadonlyMap<number, readonly string[]>;
  /**
   * The first error in or behind the insertion: the end of the last token that was right, as an
   * offset in the inserted text or as the position in the text without the insertion.
   */
  readonly error?: { readonly inside: number } | { readonly behind: Point };
}

/** The parsers that look at insertions, one a grammar: they keep nothing between two uses. */
const parsers = new WeakMap<Grammar, Parser>();

/**
 * Parses a text with an insertion, incrementally, and stops at the first error in or behind it, so
 * that nothing is spent on recovering from it.
 *
 * A tree shows how an error was recovered from, not where it was found: `foo(a` and `foo(a b` both
 * end in an ERROR node. But an LR parser takes a token only if some text may follow that makes all of
 * it right, so where it first refuses a token is the very question asked here. tree-sitter tells
 * this, and which tokens and nodes it made on the way, only by its log (`setLogger`), whose lines
 * are those of `lib/src/parser.c`; the tests notice if they change.
 *
 * @param tree of `text`, or of an earlier text and edited up to this one
 * @param deadline by `performance.now()`
 * @returns undefined if the deadline passed before
 */
export function probe(
  grammar: Grammar,
  tree: Tree,
  text: string,
  edit: TextEdit,
  deadline: number,
): Probe | undefined {
  const parser = parserOf(grammar);
  const old = tree.copy();
  const described = inTree(tree, text, edit);
  old.edit(new grammar.library.Edit(described));
  const space = spaceBefore(text, edit.start);
  const from = pointAt(tree, text, edit.start - space.length);
  const reader = new LogReader(edit.text, from, space);
  parser.setLogger((line, isLexer) => {
    if (!isLexer) reader.read(line);
  });
  let ended = false;
  const parsed = parser.parse(inputOf(text, edit), old, {
    progressCallback: () => {
      ended = performance.now() > deadline;
      return ended || reader.error !== undefined;
    },
  });
  parser.reset();
  old.delete();
  parsed?.delete();
  const { tokens, complete, error } = reader;
  if (error === undefined) return ended ? undefined : { tokens, complete };
  const inside = reader.offsetOf(error.after);
  const { newEndPosition, oldEndPosition } = described;
  // A string that is not closed takes in what stands behind.
  const goesBeyond = error.end > edit.text.length;
  if (inside < edit.text.trimEnd().length)
    return goesBeyond
      ? { tokens, complete, error: { behind: oldEndPosition } }
      : { tokens, complete, error: { inside: Math.max(0, inside) } };
  const behind = move(error.after, newEndPosition, oldEndPosition);
  return { tokens, complete, error: { behind } };
}

/**
 * Whether a text with an insertion has no error at all: `probe` for the many cases in which nothing
 * is to be said, at a third of its price.
 *
 * @returns undefined if the deadline passed before
 */
export function isFaultless(
  grammar: Grammar,
  tree: Tree,
  text: string,
  edit: TextEdit,
  deadline: number,
): boolean | undefined {
  const parser = parserOf(grammar);
  const old = tree.copy();
  old.edit(new grammar.library.Edit(inTree(tree, text, edit)));
  parser.setLogger(null);
  let ended = false;
  const parsed = parser.parse(inputOf(text, edit), old, {
    progressCallback: ({ hasError }) => {
      ended = performance.now() > deadline;
      return ended || hasError;
    },
  });
  const result = parsed !== null && !parsed.rootNode.hasError;
  parser.reset();
  old.delete();
  parsed?.delete();
  return ended ? undefined : result;
}

function parserOf(grammar: Grammar): Parser {
  let parser = parsers.get(grammar);
  if (parser === undefined) {
    parser = new grammar.library.Parser();
    parser.setLanguage(grammar.language);
    parsers.set(grammar, parser);
  }
  return parser;
}

/** The text with the edit made, without putting it together. */
function inputOf(text: string, { start, end, text: inserted }: TextEdit) {
  const insertedEnd = start + inserted.length;
  return (index: number): string => {
    if (index < start) return text.slice(index, Math.min(start, index + chunk));
    if (index < insertedEnd) return inserted.slice(index - start);
    const from = index - insertedEnd + end;
    return text.slice(from, from + chunk);
  };
}

/** The white space that ends at an offset. */
function spaceBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && /\s/.test(text[start - 1]!)) start--;
  return text.slice(start, end);
}

/** A position behind an edit, in the text that has the edit's end elsewhere. */
function move(point: Point, from: Point, to: Point): Point {
  if (isBefore(point, from)) return to;
  return point.row === from.row
    ? { row: to.row, column: point.column - from.column + to.column }
    : { row: point.row - from.row + to.row, column: point.column };
}

/** A token that the parser does not take. */
interface Refusal {
  /** Where the token before it ends. */
  readonly after: Point;
  /** Where it ends, as an offset in the inserted text. */
  readonly end: number;
}

/** Follows the parser by the lines that it logs. */
class LogReader {
  readonly tokens: Token[] = [];
  readonly complete = new Map<number, string[]>();
  /** The first error that counts. */
  error: Refusal | undefined;
  private position: Point = { row: 0, column: 0 };
  /** Farthest position at which a version of the parse was refused since the last recovery. */
  private refused: Refusal | undefined;
  private lookahead: { type: string; size: number } | undefined;
  /** Offsets in the inserted text at which lines start, from the line of `from` on. */
  private readonly lineStarts: readonly number[];

  /**
   * @param from position of the white space before the insertion; errors before it are not looked at
   * @param space that white space, which the parser counts as part of the token behind it
   */
  constructor(
    private readonly inserted: string,
    private readonly from: Point,
    space: string,
  ) {
    const starts = [-space.length - from.column];
    const whole = space + inserted;
    for (
      let at = whole.indexOf("\n");
      at >= 0;
      at = whole.indexOf("\n", at + 1)
    )
      starts.push(at + 1 - space.length);
    this.lineStarts = starts;
  }

  read(line: string): void {
    if (this.error !== undefined) return;
    if (line.startsWith("process ")) {
      const [, row, column] = /row:(\d+), col:(\d+)/.exec(line)!;
      // Columns are bytes of UTF-16.
      this.position = { row: Number(row), column: Number(column) / 2 };
      this.lookahead = undefined;
    } else if (line.startsWith("lexed_lookahead ")) {
      const [, type, size] = /^lexed_lookahead sym:(.*), size:(\d+)$/s.exec(
        line,
      )!;
      this.lookahead = { type: type!, size: Number(size) / 2 };
    } else if (line.startsWith("shift")) this.shift();
    else if (line.startsWith("reduce ")) {
      this.reduce(/^reduce sym:(.*), child_count/s.exec(line)?.[1] ?? "");
    } else if (line.startsWith("detect_error ")) {
      const after = this.position;
      if (this.refused === undefined || isBefore(this.refused.after, after)) {
        const end = this.offsetOf(after) + (this.lookahead?.size ?? 0);
        this.refused = { after, end };
      }
    } else if (line.startsWith("resume ")) {
      const { refused } = this;
      if (refused !== undefined && !isBefore(refused.after, this.from))
        this.error = refused;
      this.refused = undefined;
    }
  }

  /** An offset in the inserted text; negative before it, and beyond its length behind it. */
  offsetOf(position: Point): number {
    if (isBefore(position, this.from)) return -Infinity;
    const lineStart = this.lineStarts[position.row - this.from.row];
    return lineStart === undefined ? Infinity : lineStart + position.column;
  }

  private shift(): void {
    if (this.lookahead === undefined) return;
    const { type, size } = this.lookahead;
    this.lookahead = undefined;
    const from = this.offsetOf(this.position);
    const end = from + size;
    if (size === 0 || end <= 0 || end > this.inserted.length) return;
    // Several versions of a parse take the same token.
    if (end <= (this.tokens.at(-1)?.end ?? 0)) return;
    const space = /^\s*/.exec(this.inserted.slice(Math.max(0, from), end))![0];
    this.tokens.push({ type, start: Math.max(0, from) + space.length, end });
  }

  private reduce(type: string): void {
    const at = this.offsetOf(this.position);
    if (at <= 0 || at > this.inserted.length) return;
    const types = this.complete.get(at);
    if (types === undefined) this.complete.set(at, [type]);
    else types.push(type);
  }
}
