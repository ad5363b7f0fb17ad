import type { Parser, Tree } from "web-tree-sitter";
import type { Grammar } from "./grammars";
import { nextPart } from "./parserInput";
import { inTree, type TextEdit } from "./position";
import { TreeSyntax } from "./treeSyntax";

/**
 * The syntax tree of one document, updated with each edit. Parsing is incremental and can be split
 * into time slices: an edit in a file of any length is parsed in about a millisecond, a new file
 * takes longer.
 */
export class ParsedDocument {
  private readonly parser: Parser;
  /** The tree of the last parse; later edits have updated its positions but not its nodes. */
  private tree: Tree | undefined;
  private isCurrent = false;
  /**
   * The last tree without an error, with updated positions. Parsing starts from this tree, because
   * while the user types, most trees have errors, and the parser can reuse little of those.
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
   * Applies an edit of the document; an unfinished parse is discarded.
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
    this.forgetSnapshot();
  }

  /**
   * Parses the text, or continues an unfinished parse.
   *
   * @param timeLimit milliseconds after which to stop
   * @returns whether the tree is that of the current text; if not, call again
   */
  parse(timeLimit: number): boolean {
    if (this.isCurrent) return true;
    const { text } = this;
    const deadline = performance.now() + timeLimit;
    const tree = this.parser.parse(
      (index) => nextPart(text, index),
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

  /** The syntax of the current text; undefined until it is parsed. Stays valid after edits. */
  get syntax(): TreeSyntax | undefined {
    if (!this.isCurrent || this.tree === undefined) return undefined;
    this.snapshot ??= new TreeSyntax(this.grammar, this.tree.copy(), this.text);
    return this.snapshot;
  }

  /** Frees the parser and the trees. Values that `syntax` has returned stay valid. */
  dispose(): void {
    this.parser.delete();
    this.tree?.delete();
    this.tree = undefined;
    this.faultless?.delete();
    this.faultless = undefined;
    this.isCurrent = false;
    this.forgetSnapshot();
  }

  private forgetSnapshot(): void {
    this.snapshot?.releaseExcerpt();
    this.snapshot = undefined;
  }
}
