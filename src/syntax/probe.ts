import type { Parser, Point, Tree } from "web-tree-sitter";
import type { Grammar } from "./grammars";
import { nextPart } from "./parserInput";
import { inTree, isBefore, pointAt, type TextEdit } from "./position";

/** A token of the inserted text; offsets are relative to the inserted text. */
export interface Token {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** The parse of a text with an insertion, up to the first error in or after the insertion. */
export interface Probe {
  /** Tokens of the inserted text, in order. */
  readonly tokens: readonly Token[];
  /** Types of the nodes completed at an offset of the inserted text, inner ones first. */
  readonly complete: ReadonlyMap<number, readonly string[]>;
  /**
   * The first error in or after the insertion: the end of the last accepted token, as an offset in
   * the inserted text or as a position in the text without the insertion.
   */
  readonly error?: { readonly inside: number } | { readonly behind: Point };
  /** The end of the token before the first refused one before the insertion. */
  readonly earlier: Point | undefined;
}

/** One per grammar. */
const parsers = new WeakMap<Grammar, Parser>();

/**
 * Parses a text with an insertion incrementally and stops at the first error in or after the
 * insertion, to save the time of error recovery.
 *
 * A tree shows how the parser recovered from an error, not where it found the error: `foo(a` and
 * `foo(a b` both end in an ERROR node. But an LR parser accepts a token only if a continuation
 * makes the whole text correct, so the error is at the first token that it rejects. tree-sitter
 * reports this token, and the tokens and nodes before it, only in its log (`setLogger`), with lines
 * as in `lib/src/parser.c`; tests fail if these lines change.
 *
 * @param tree of `text`, or of an earlier text with the edits up to `text` applied
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
  parser.setLogger(null);
  parser.reset();
  old.delete();
  parsed?.delete();
  const { tokens, complete, error, earlier } = reader;
  const read = { tokens, complete, earlier };
  if (error === undefined) return ended ? undefined : read;
  const inside = reader.offsetOf(error.after);
  const { newEndPosition, oldEndPosition } = described;
  // An unclosed string includes the text after the insertion.
  const goesBeyond = error.end > edit.text.length;
  if (inside < edit.text.trimEnd().length)
    return goesBeyond
      ? { ...read, error: { behind: oldEndPosition } }
      : { ...read, error: { inside: Math.max(0, inside) } };
  const behind = move(error.after, newEndPosition, oldEndPosition);
  return { ...read, error: { behind } };
}

/**
 * Whether a text with an insertion has no error at all; takes a third of the time of `probe`, which
 * most insertions then do not need.
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

/** The parser for insertions; it keeps no state between two uses. */
export function parserOf(grammar: Grammar): Parser {
  let parser = parsers.get(grammar);
  if (parser === undefined) {
    parser = new grammar.library.Parser();
    parser.setLanguage(grammar.language);
    parsers.set(grammar, parser);
  }
  return parser;
}

/** The edited text as parser input, without concatenating it. */
function inputOf(text: string, { start, end, text: inserted }: TextEdit) {
  const insertedEnd = start + inserted.length;
  return (index: number): string => {
    if (index < start) return nextPart(text, index, start);
    if (index < insertedEnd) return inserted.slice(index - start);
    return nextPart(text, index - insertedEnd + end);
  };
}

/** The white space that ends at an offset. */
function spaceBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && /\s/.test(text[start - 1]!)) start--;
  return text.slice(start, end);
}

/** A position after an edit, moved with the end of the edit from `from` to `to`. */
function move(point: Point, from: Point, to: Point): Point {
  if (isBefore(point, from)) return to;
  return point.row === from.row
    ? { row: to.row, column: point.column - from.column + to.column }
    : { row: point.row - from.row + to.row, column: point.column };
}

/** A token that the parser rejects. */
interface Refusal {
  /** Where the token before it ends. */
  readonly after: Point;
  /** Where this token ends, as an offset in the inserted text. */
  readonly end: number;
}

/** Reads what the parser does from its log lines. */
class LogReader {
  readonly tokens: Token[] = [];
  readonly complete = new Map<number, string[]>();
  /** The first error at or after `from`. */
  error: Refusal | undefined;
  /** Where the token before the first error before `from` ends. */
  earlier: Point | undefined;
  private position: Point = { row: 0, column: 0 };
  /** The farthest rejection in any version of the parse since the last recovery. */
  private refused: Refusal | undefined;
  private lookahead: { type: string; size: number } | undefined;
  /** Offsets in the inserted text at which lines start, from the line of `from` on. */
  private readonly lineStarts: readonly number[];

  /**
   * @param from position of the white space before the insertion; earlier errors are ignored
   * @param space that white space, which the parser counts as part of the next token
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
      // The log counts columns in bytes of UTF-16.
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
      if (refused !== undefined) {
        if (isBefore(refused.after, this.from)) this.earlier ??= refused.after;
        else this.error = refused;
      }
      this.refused = undefined;
    }
  }

  /** An offset in the inserted text; negative before this text, above its length after it. */
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
    // Several versions of a parse accept the same token.
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
