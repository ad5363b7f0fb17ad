import type { Node, Tree } from "web-tree-sitter";
import type { Grammar } from "./grammars";
import { judge, restOfLine, type KnownError } from "./judgement";
import { isFaultless } from "./probe";
import { closerOf, closers } from "./nodeTypes";
import type { Syntax, TextEdit } from "./syntax";

/** Children of a node that are searched for brackets; a block's opening bracket comes first. */
const mostChildren = 16;
/** The same for an ERROR node, in which brackets may be anywhere. */
const mostBroken = 4096;
/** Shorter prefixes that are tried if an insertion does not fit. */
const mostCuts = 12;

/** The syntax of a text, read from its syntax tree. */
export class TreeSyntax implements Syntax {
  readonly knownErrors = new Map<string, KnownError>();

  /** @param tree of `text`; the caller neither edits nor frees it */
  constructor(
    readonly grammar: Grammar,
    readonly tree: Tree,
    readonly text: string,
  ) {}

  openBrackets(offset: number): string[] {
    const open: string[] = [];
    const end = this.text.slice(0, offset).trimEnd().length;
    // From the outermost node, whose brackets close last.
    for (const node of this.around(end).reverse()) {
      const own = this.openIn(node, offset);
      if (node.isError) close(open, own.closing);
      open.push(...own.open);
    }
    return open;
  }

  fitting(
    edit: TextEdit,
    cuts: readonly number[],
    timeLimit: number,
  ): number | undefined {
    const deadline = performance.now() + timeLimit;
    const { start, end, text } = edit;
    if (!this.tree.rootNode.hasError) {
      const isRight = isFaultless(
        this.grammar,
        this.tree,
        this.text,
        edit,
        deadline,
      );
      if (isRight === undefined) return undefined;
      if (isRight) return text.length;
    }
    let { length } = text;
    // The part before an error inside the insertion is valid, even if time runs out.
    let sure = 0;
    for (let tried = 0; tried <= mostCuts; tried++) {
      const shorter = { start, end, text: text.slice(0, length) };
      const judged = judge(this, shorter, deadline);
      if (judged === undefined) return tried === 0 ? undefined : sure;
      const { wrongFrom, probe } = judged;
      if (wrongFrom === undefined) return length;
      const before = length;
      length = cuts.findLast((cut) => cut < before && cut <= wrongFrom) ?? 0;
      if (length === 0) return 0;
      const isInside = probe.error !== undefined && "inside" in probe.error;
      sure = isInside && !restOfLine(this.text, end) ? length : 0;
    }
    return 0;
  }

  /** The nodes around the character before an offset, the innermost first. */
  private around(offset: number): Node[] {
    const at = Math.max(0, offset - 1);
    // One descent is cheaper than `parent` of each node, which descends from the root each time.
    const cursor = this.tree.walk();
    const nodes = [cursor.currentNode];
    while (cursor.gotoFirstChildForIndex(at) && cursor.startIndex <= at)
      nodes.push(cursor.currentNode);
    cursor.delete();
    return nodes.reverse();
  }

  /** Unmatched brackets, opening and closing, among a node's children before an offset. */
  private openIn(
    node: Node,
    offset: number,
  ): { open: string[]; closing: string[] } {
    const open: string[] = [];
    const closing: string[] = [];
    const cursor = node.walk();
    const most = node.isError ? mostBroken : mostChildren;
    let isChild = cursor.gotoFirstChild();
    for (
      let seen = 0;
      isChild && seen < most && cursor.endIndex <= offset;
      seen++, isChild = cursor.gotoNextSibling()
    ) {
      const { nodeType: type } = cursor;
      const closer = closerOf[type];
      if (cursor.nodeIsNamed || cursor.nodeIsMissing) continue;
      if (closer !== undefined) open.push(closer);
      else if (closers.has(type)) {
        if (open.at(-1) === type) open.pop();
        else closing.push(type);
      }
    }
    cursor.delete();
    return { open, closing };
  }
}

function close(open: string[], closing: readonly string[]): void {
  for (const closer of closing) {
    const opener = open.lastIndexOf(closer);
    if (opener >= 0) open.length = opener;
  }
}
