import type { Point, Tree } from "web-tree-sitter";
import type { Grammar } from "./grammars";
import { balanceOf } from "./balance";
import { isStatement } from "./nodeTypes";
import { openBrackets } from "./openBrackets";
import { inTree, isBefore, type TextEdit } from "./position";
import { probe, type Probe } from "./probe";

/** UTF-16 units after an insertion that are searched for the next line of code. */
const nearBehind = 4096;

/** A version of a text with its tree. */
export interface ParsedText {
  readonly grammar: Grammar;
  readonly tree: Tree;
  /** The tree that parsing starts from: of an earlier text, with the edits up to `text` applied. */
  readonly base: Tree;
  readonly text: string;
  /** Errors that exist without an insertion, by the insertion's range; filled by `judge`. */
  readonly knownErrors: Map<string, KnownError>;
}

/** The first error after a place; "anywhere" if it cannot be located. */
export type KnownError = Point | "none" | "anywhere";

export interface Judgement {
  readonly probe: Probe;
  /**
   * Undefined if the insertion adds no syntax error. Else the length, in UTF-16 units, of the part
   * of the insertion before the error.
   */
  readonly wrongFrom: number | undefined;
}

/**
 * Whether an insertion adds a syntax error, see `Syntax.fitting`. The first token after the
 * insertion that the parser rejects is no error of the insertion
 *
 * - if the parser rejects this token without the insertion, too;
 * - if the insertion leaves brackets or strings open, closing them removes the error, and the rest
 *   of the line is blank: the user may still type the closers;
 * - if the token is on the next line of code and the insertion ends inside a statement.
 *
 * @param deadline by `performance.now()`
 * @param isClosed whether closers for all that the insertion opens have been appended to it
 * @returns undefined if the deadline passed before
 */
export function judge(
  parsed: ParsedText,
  edit: TextEdit,
  deadline: number,
  isClosed = false,
): Judgement | undefined {
  const { grammar, base, text } = parsed;
  const found = probe(grammar, base, text, edit, deadline);
  if (found === undefined) return undefined;
  const { error } = found;
  if (error === undefined) return { probe: found, wrongFrom: undefined };
  if ("inside" in error) {
    const isWrong =
      isClosed || isWrongInside(parsed, edit, found, error.inside, deadline);
    if (isWrong === undefined) return undefined;
    return { probe: found, wrongFrom: isWrong ? error.inside : undefined };
  }
  const isWrong = isWrongBehind(
    parsed,
    edit,
    found,
    error.behind,
    deadline,
    isClosed,
  );
  if (isWrong === undefined) return undefined;
  const { length } = edit.text.trimEnd();
  return { probe: found, wrongFrom: isWrong ? length : undefined };
}

function isWrongInside(
  parsed: ParsedText,
  edit: TextEdit,
  { tokens }: Probe,
  inside: number,
  deadline: number,
): boolean | undefined {
  if (restOfLine(parsed.text, edit.end)) return true;
  // A lexer may reject a whole comment or string that has no end.
  if (/^\s*\/\*(?!.*\*\/)/s.test(edit.text.slice(inside))) return false;
  const { unclosed } = balanceOf(tokens, edit.text, parsed.grammar.name);
  const isOpenString = /^["'`]/.test(unclosed.at(-1) ?? "");
  return !isOpenString || isWrongClosed(parsed, edit, unclosed, deadline);
}

function isWrongBehind(
  parsed: ParsedText,
  edit: TextEdit,
  found: Probe,
  behind: Point,
  deadline: number,
  isClosed: boolean,
): boolean | undefined {
  const { grammar, tree, text } = parsed;
  const { oldEndPosition } = inTree(tree, text, edit);

  const known = tree.rootNode.hasError
    ? knownError(parsed, edit, oldEndPosition, deadline)
    : "none";
  if (known === undefined) return undefined;
  if (known === "anywhere") return false;
  if (known !== "none" && !isBefore(behind, known)) return false;
  if (restOfLine(text, edit.end)) return true;

  const { unclosed } = balanceOf(found.tokens, edit.text, grammar.name);
  if (unclosed.length > 0 && !isClosed)
    return isWrongClosed(parsed, edit, unclosed, deadline);
  // The parser may accept some tokens of the next line as part of an unfinished statement.
  const isNear = behind.row <= nextCodeRow(text, edit.end, oldEndPosition.row);
  return !isNear || isWhole(parsed, edit, found, known === "none");
}

/**
 * The first error after the place of an insertion that exists without the insertion. If code is
 * missing at the place itself, the text is parsed again with a name there. "anywhere" if the parser
 * still finds an error at the place.
 */
function knownError(
  { grammar, base, text, knownErrors }: ParsedText,
  { start, end }: TextEdit,
  place: Point,
  deadline: number,
): KnownError | undefined {
  const key = `${start}-${end}`;
  let known = knownErrors.get(key);
  for (const standIn of [text.slice(start, end), "x"]) {
    if (known !== undefined) break;
    const edit = { start, end, text: standIn };
    const found = probe(grammar, base, text, edit, deadline);
    if (found === undefined) return undefined;
    const { error } = found;
    if (error === undefined) known = "none";
    else if ("behind" in error && isBefore(place, error.behind))
      known = error.behind;
  }
  known ??= "anywhere";
  knownErrors.set(key, known);
  return known;
}

/** Whether an insertion is wrong after its open brackets and strings are closed. */
function isWrongClosed(
  parsed: ParsedText,
  { start, end, text }: TextEdit,
  unclosed: readonly string[],
  deadline: number,
): boolean | undefined {
  const closed = text + unclosed.toReversed().join("");
  const edit = { start, end, text: closed };
  const judged = judge(parsed, edit, deadline, true);
  if (judged === undefined) return undefined;
  if (judged.wrongFrom === undefined) return false;
  const { error } = judged.probe;
  // An error among the appended closers only shows that the insertion is unfinished.
  const { length } = text.trimEnd();
  return !(error && "inside" in error && error.inside >= length);
}

/** Whether the rest of the line after an offset is not blank. */
export function restOfLine(text: string, offset: number): boolean {
  const lineEnd = text.indexOf("\n", offset);
  const rest = text.slice(offset, lineEnd < 0 ? text.length : lineEnd);
  return rest.trim() !== "";
}

/** The row of the next line after an offset that seems to be neither blank nor a comment. */
function nextCodeRow(text: string, offset: number, row: number): number {
  const lines = text.slice(offset, offset + nearBehind).split("\n");
  for (let line = 1; line < lines.length; line++)
    if (!/^\s*(?:$|\/\/|\/?\*|#)/.test(lines[line]!)) return row + line;
  return row + lines.length;
}

/**
 * Whether an insertion ends at the end of a statement or of the block around it.
 *
 * @param wasRight whether nothing after the insertion is wrong without it, so that what is open there is
 *   closed after it already
 */
function isWhole(
  parsed: ParsedText,
  edit: TextEdit,
  { complete, tokens }: Probe,
  wasRight: boolean,
): boolean {
  const open = openBrackets(parsed.tree, parsed.text, edit.start);
  const { unopened } = balanceOf(tokens, edit.text, parsed.grammar.name);
  for (const { closer } of unopened)
    open.length = Math.max(0, open.lastIndexOf(closer));
  const innermost = open.at(-1);
  if (innermost === ")" || innermost === "]") return false;
  const last = tokens.at(-1);
  if (last?.type === ";") return true;
  const closed = unopened.at(-1);
  // Behind the `)` of a call that was open, a statement goes on, unless the call is closed later.
  if (last !== undefined && last.start === closed?.at)
    if (closed.closer === "}" || wasRight) return true;
  return complete.get(edit.text.trimEnd().length)?.some(isStatement) ?? false;
}
