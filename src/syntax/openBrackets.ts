import type { Node, Tree } from "web-tree-sitter";
import { closerOf, closers } from "./nodeTypes";

/** Children of a node that are searched for brackets; a block's opening bracket comes first. */
const mostChildren = 16;
/** The same for an ERROR node, in which brackets may be anywhere. */
const mostBroken = 4096;

/**
 * The closing brackets that are missing before an offset, the innermost last.
 *
 * @param tree of `text`
 */
export function openBrackets(
  tree: Tree,
  text: string,
  offset: number,
): string[] {
  const open: string[] = [];
  const end = text.slice(0, offset).trimEnd().length;
  // From the outermost node, whose brackets close last.
  for (const node of nodesAround(tree, end).reverse()) {
    const own = openIn(node, offset);
    if (node.isError) close(open, own.closing);
    open.push(...own.open);
  }
  return open;
}

/** The nodes around the character before an offset, the innermost first. */
function nodesAround(tree: Tree, offset: number): Node[] {
  const at = Math.max(0, offset - 1);
  // One descent is cheaper than `parent` of each node, which descends from the root each time.
  const cursor = tree.walk();
  const nodes = [cursor.currentNode];
  while (cursor.gotoFirstChildForIndex(at) && cursor.startIndex <= at)
    nodes.push(cursor.currentNode);
  cursor.delete();
  return nodes.reverse();
}

/** Unmatched brackets, opening and closing, among a node's children before an offset. */
function openIn(
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

function close(open: string[], closing: readonly string[]): void {
  for (const closer of closing) {
    const opener = open.lastIndexOf(closer);
    if (opener >= 0) open.length = opener;
  }
}
