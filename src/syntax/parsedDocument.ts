import type { Parser, Tree } from "web-tree-sitter";
import type { Grammar } from "./grammars";
import { inTree, type TextEdit } from "./position";
import { TreeSyntax } from "./treeSyntax";

/** UTF-16 units that the parser takes from the text at once. */
const chunk = 4096;

/**
 * The syntax tree of one document, kept up with its edits. Parsing is incremental and may be cut
 * into slices of time: an edit in a file of any length is parsed in about a millisecond, the whole
 * of a new file takes longer.
 */
export class ParsedDocument {
  private readonly parser: Parser;
  /** Edited with the text, so that its positions are right; its nodes are those of the last parse. */
  private tree: Tree | undefined;
  private isCurrent = false;
  /**
   * The last tree without an error, edited likewise. Little of a tree with errors can be used again,
   * and while one types there mostly are some, so parsing starts from this one.
   */
  private faultless: Tree | undefined;
  private snapshot: TreeSyntax | undefined;

  constructor(
    readonly grammar: Grammar,
    private text: string,
  ) {
    this.parser = new grammar.library.Parser();
    this.parser.setLanguage(grammar.language);
  }

  /**
   * Follows an edit of the document; what was parsed of it so far is given up.
   *
   * @param text the whole text after the edit
   */
  edit(edit: TextEdit, text: string): void {
    const { Edit } = this.grammar.library;
    this.parser.reset();
    for (const tree of [this.tree, this.faultless])
      tree?.edit(new Edit(inTree(tree, this.text, edit)));
    this.text = text;
    this.isCurrent = false;
    this.snapshot = undefined;
  }

  /**
   * Parses the text, or goes on doing so.
   *
   * @param timeLimit milliseconds after which to leave off
   * @returns whether the tree is that of the present text; else call again
   */
  parse(timeLimit: number): boolean {
    if (this.isCurrent) return true;
    const { text } = this;
    const deadline = performance.now() + timeLimit;
    const tree = this.parser.parse(
      (index) => text.slice(index, index + chunk),
      this.faultless ?? this.tree,
      { progressCallback: () => performance.now() > deadline },
    );
    if (tree === null) return false;
    this.tree?.delete();
    this.tree = tree;
    if (!tree.rootNode.hasError) {
      this.faultless?.delete();
      this.faultless = tree.copy();
    }
    this.isCurrent = true;
    return true;
  }

  /** What the tree tells of the present text; undefined while it is not parsed. Stays valid after edits. */
  get syntax(): TreeSyntax | undefined {
    if (!this.isCurrent || this.tree === undefined) return undefined;
    this.snapshot ??= new TreeSyntax(this.grammar, this.tree.copy(), this.text);
    return this.snapshot;
  }

  /** Frees the tree. What `syntax` gave out stays valid until nobody holds it any more. */
  dispose(): void {
    this.parser.delete();
    this.tree?.delete();
    this.tree = undefined;
    this.faultless?.delete();
    this.faultless = undefined;
    this.isCurrent = false;
    this.snapshot = undefined;
  }
}
