import type { Point, Tree } from "web-tree-sitter";

/** A change of a text: UTF-16 offsets before the change, and the text that replaces the range. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The row and column of an offset, as tree-sitter counts them: rows end at LF, columns are UTF-16
 * units. Counting starts at the nearest node, not at the start of the text.
 */
export function pointAt(tree: Tree, text: string, offset: number): Point {
  const node = tree.rootNode.descendantForIndex(offset);
  const known = node !== null && node.startIndex <= offset ? node : undefined;
  const start = known?.startPosition ?? { row: 0, column: 0 };
  return advance(start, text.slice(known?.startIndex ?? 0, offset));
}

/** The position at the end of a text that starts at `start`. */
function advance(start: Point, text: string): Point {
  let { row } = start;
  let lineStart = -1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return lineStart < 0
    ? { row, column: start.column + text.length }
    : { row, column: text.length - lineStart };
}

/** Whether `a` is before `b`. */
export function isBefore(a: Point, b: Point): boolean {
  return a.row < b.row || (a.row === b.row && a.column < b.column);
}

/** An edit in tree-sitter's form. `text` is the text before the edit. */
export function inTree(tree: Tree, text: string, edit: TextEdit) {
  const startPosition = pointAt(tree, text, edit.start);
  return {
    startIndex: edit.start,
    oldEndIndex: edit.end,
    newEndIndex: edit.start + edit.text.length,
    startPosition,
    oldEndPosition: advance(startPosition, text.slice(edit.start, edit.end)),
    newEndPosition: advance(startPosition, edit.text),
  };
}
