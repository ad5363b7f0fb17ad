import type { Point, Tree } from "web-tree-sitter";
import type { Grammar } from "./grammars";
import { balanceOf } from "./balance";
import { isStatement } from "./nodeTypes";
import { inTree, isBefore, type TextEdit } from "./position";
import { probe, type Probe } from "./probe";

/** UTF-16 units behind an insertion in which the next line of code is looked for. */
const nearBehind = 4096;

/** A version of a text with its tree. */
export interface ParsedText {
  readonly grammar: Grammar;
  readonly tree: Tree;
  /** The tree from which changes of the text are parsed. */
  readonly base: Tree;
  readonly text: string;
  /** Errors that are there without an insertion, by its place; filled by `judge`. */
  readonly knownErrors: Map<string, KnownError>;
  /** The closing brackets that are missing before an offset, the innermost last. */
  openBrackets(offset: number): string[];
}

/** The first error behind a place; "anywhere" if none can be told from another. */
export type KnownError = Point | "none" | "anywhere";

export interface Judgement {
  readonly probe: Probe;
  /**
   * Undefined if the insertion adds no syntax error. Else how much of it, in UTF-16 units, is still
   * the start of something that may stand there.
   */
  readonly wrongFrom: number | undefined;
}

/**
 * Whether an insertion adds a syntax error, see `Syntax.fitting`. Of the tokens behind the insertion
 * the first that the parser refuses is looked at. It does not count
 *
 * - if the parser refuses it without the insertion, too;
 * - if the insertion leaves brackets or strings open, closing them mends it, and nothing else stands
 *   on the line: then the rest may still be typed;
 * - if it comes on the next line of code and the insertion ends in the middle of a statement.
 *
 * @param deadline by `performance.now()`
 * @param isClosed whether what the insertion opens is closed already
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
  // A lexer may refuse all of a comment or string whose end it does not find.
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
  // What is unfinished may take in some tokens of the next line before one is refused.
  const isNear = behind.row <= nextCodeRow(text, edit.end, oldEndPosition.row);
  return !isNear || isWhole(parsed, edit, found);
}

/**
 * The first error behind the place of an insertion that is none of its doing: one that is there
 * without it. If there is one right at the place, since something is missing there, a name stands
 * in for what is missing. "anywhere" if that does not help, either.
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

/** Whether an insertion is wrong when what it leaves open is closed. */
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
  // More has to be typed before anything can be closed.
  const { length } = text.trimEnd();
  return !(error && "inside" in error && error.inside >= length);
}

/** Whether text stands behind an offset on its line. */
export function restOfLine(text: string, offset: number): boolean {
  const lineEnd = text.indexOf("\n", offset);
  const rest = text.slice(offset, lineEnd < 0 ? text.length : lineEnd);
  return rest.trim() !== "";
}

/** The row of the next line behind an offset that is not blank and no comment, as far as one sees. */
function nextCodeRow(text: string, offset: number, row: number): number {
  const lines = text.slice(offset, offset + nearBehind).split("\n");
  for (let line = 1; line < lines.length; line++)
    if (!/^\s*(?:$|\/\/|\/?\*|#)/.test(lines[line]!)) return row + line;
  return row + lines.length;
}

/** Whether an insertion ends where a statement or a block around it ends. */
function isWhole(
  parsed: ParsedText,
  edit: TextEdit,
  { complete, tokens }: Probe,
): boolean {
  const open = parsed.openBrackets(edit.start);
  const { unopened } = balanceOf(tokens, edit.text, parsed.grammar.name);
  for (const { closer } of unopened)
    open.length = Math.max(0, open.lastIndexOf(closer));
  const innermost = open.at(-1);
  if (innermost === ")" || innermost === "]") return false;
  const last = tokens.at(-1);
  if (last?.type === ";") return true;
  if (last !== undefined && last.start === unopened.at(-1)?.at) return true;
  return complete.get(edit.text.trimEnd().length)?.some(isStatement) ?? false;
}
