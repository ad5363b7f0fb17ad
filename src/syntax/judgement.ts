import type { Point, Tree } from "web-tree-sitter";
import type { Grammar } from "./grammars";
import { balanceOf } from "./insertion";
import { isStatement } from "./nodeTypes";
import { inTree, isBefore, type TextEdit } from "./position";
import { probe, type Probe } from "./probe";

/** A version of a text with its tree. */
export interface ParsedText {
  readonly grammar: Grammar;
  readonly tree: Tree;
  readonly text: string;
  /** See `Syntax.openBrackets`. */
  openBrackets(offset: number): string[];
}

export interface Judgement {
  readonly probe: Probe;
  /** See `Insertion.wrongFrom`. */
  readonly wrongFrom: number | undefined;
}

/**
 * Whether an insertion adds a syntax error, see `Syntax.fitting`. Of the tokens behind the insertion
 * the first that the parser refuses is looked at. It does not count
 *
 * - if the parser refuses it without the insertion, too;
 * - if the insertion leaves brackets or strings open, closing them mends it, and nothing else stands
 *   on the line: then the rest may still be typed;
 * - if it comes right behind the insertion, on a later line, and the insertion is in the middle of a
 *   statement.
 *
 * @param deadline by `performance.now()`
 * @returns undefined if the deadline passed before
 */
export function judge(
  parsed: ParsedText,
  edit: TextEdit,
  deadline: number,
): Judgement | undefined {
  const { grammar, tree, text } = parsed;
  const found = probe(grammar, tree, text, edit, deadline);
  if (found === undefined) return undefined;
  const { error } = found;
  if (error === undefined) return { probe: found, wrongFrom: undefined };
  if ("inside" in error) {
    const { inside } = error;
    // The lexer reads no comment that does not end, so it is no token either.
    const isOpenComment = /^\s*\/\*(?!.*\*\/)/s.test(edit.text.slice(inside));
    return { probe: found, wrongFrom: isOpenComment ? undefined : inside };
  }
  const isWrong = isWrongBehind(parsed, edit, found, error.behind, deadline);
  if (isWrong === undefined) return undefined;
  const { length } = edit.text.trimEnd();
  return { probe: found, wrongFrom: isWrong ? length : undefined };
}

function isWrongBehind(
  parsed: ParsedText,
  edit: TextEdit,
  found: Probe,
  behind: Point,
  deadline: number,
): boolean | undefined {
  const { grammar, tree, text } = parsed;
  const { start, end } = edit;
  const { oldEndPosition } = inTree(tree, text, edit);
  const isNext = !isBefore(oldEndPosition, behind);

  if (tree.rootNode.hasError) {
    const same = { start, end, text: text.slice(start, end) };
    const without = probe(grammar, tree, text, same, deadline);
    if (without === undefined) return undefined;
    if (without.error !== undefined) {
      // Where the text is broken at the cursor, what lies farther on is not known.
      const { error } = without;
      if ("inside" in error) return false;
      const isAtCursor = !isBefore(oldEndPosition, error.behind);
      if (
        isAtCursor
          ? !isNext || !restOfLine(text, end)
          : !isBefore(behind, error.behind)
      )
        return false;
    }
  }
  if (restOfLine(text, end)) return true;

  const { unclosed } = balanceOf(found.tokens, edit.text, grammar.name);
  if (unclosed.length > 0) {
    const closed = edit.text + unclosed.toReversed().join("");
    const mended = judge(parsed, { start, end, text: closed }, deadline);
    if (mended === undefined) return undefined;
    if (mended.wrongFrom === undefined) return false;
    const { error } = mended.probe;
    // More has to be typed before anything can be closed.
    const { length } = edit.text.trimEnd();
    return !(error && "inside" in error && error.inside >= length);
  }
  return !isNext || isWhole(parsed, edit, found);
}

/** Whether text stands behind an offset on its line. */
function restOfLine(text: string, offset: number): boolean {
  const lineEnd = text.indexOf("\n", offset);
  const rest = text.slice(offset, lineEnd < 0 ? text.length : lineEnd);
  return rest.trim() !== "";
}

/** Whether an insertion ends where a statement or a block around it ends. */
function isWhole(
  parsed: ParsedText,
  edit: TextEdit,
  { complete, tokens }: Probe,
): boolean {
  const innermost = parsed.openBrackets(edit.start).at(-1);
  if (innermost === ")" || innermost === "]") return false;
  const { unopened } = balanceOf(tokens, edit.text, parsed.grammar.name);
  const last = tokens.at(-1);
  if (last?.type === ";" || unopened.at(-1)?.at === last?.start) return true;
  return complete.get(edit.text.trimEnd().length)?.some(isStatement) ?? false;
}
