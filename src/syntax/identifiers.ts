import type { TreeCursor } from "web-tree-sitter";
import { isComment, isName } from "./nodeTypes";
import type { TreeSyntax } from "./treeSyntax";

/** What a name is used as. */
export type NameKind =
  "declaration" | "parameter" | "type" | "member" | "call" | "other";

export interface NameUse {
  /** How often the name stands in the text. */
  readonly count: number;
  readonly kinds: ReadonlySet<NameKind>;
  /** Offset at which it stands first. */
  readonly first: number;
}

/** Nodes between two looks at the clock. */
const batch = 64;

/** Counts the names of a text, not those in comments and strings; in slices of time. */
export class IdentifierCount {
  private readonly uses = new Map<
    string,
    { count: number; kinds: Set<NameKind>; first: number }
  >();
  private cursor: TreeCursor | undefined;
  /** Types of the nodes around the cursor's, the innermost last. */
  private readonly parents: string[] = [];

  constructor(private readonly syntax: TreeSyntax) {
    this.cursor = syntax.tree.walk();
  }

  /** The names counted so far. */
  get names(): ReadonlyMap<string, NameUse> {
    return this.uses;
  }

  /**
   * Counts on.
   *
   * @param timeLimit milliseconds after which to leave off
   * @returns whether all names are counted; else call again
   */
  run(timeLimit: number): boolean {
    const deadline = performance.now() + timeLimit;
    while (this.cursor !== undefined) {
      for (let node = 0; node < batch; node++) {
        const goesDown = this.visit(this.cursor);
        if (this.moveOn(this.cursor, goesDown)) continue;
        this.cursor.delete();
        this.cursor = undefined;
        return true;
      }
      if (performance.now() > deadline) return false;
    }
    return true;
  }

  /** @returns whether there may be names in the node */
  private visit(cursor: TreeCursor): boolean {
    if (!cursor.nodeIsNamed) return false;
    const { nodeType: type } = cursor;
    if (!isName(type)) return !isComment(type);
    const { startIndex, endIndex } = cursor;
    const name = this.syntax.text.slice(startIndex, endIndex);
    const kind = kindOf(type, cursor.currentFieldName, this.parents);
    const use = this.uses.get(name);
    if (use === undefined)
      this.uses.set(name, {
        count: 1,
        kinds: new Set([kind]),
        first: startIndex,
      });
    else {
      use.count++;
      use.kinds.add(kind);
    }
    // PHP's variables are names that hold a name without the dollar.
    return type === "qualified_identifier" || type === "scoped_identifier";
  }

  private moveOn(cursor: TreeCursor, goesDown: boolean): boolean {
    const { nodeType } = cursor;
    if (goesDown && cursor.gotoFirstChild()) {
      this.parents.push(nodeType);
      return true;
    }
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) return false;
      this.parents.pop();
    }
    return true;
  }
}

function kindOf(
  type: string,
  field: string | null,
  parents: readonly string[],
): NameKind {
  const parent = parents.at(-1) ?? "";
  const isCalled = (of: string) => /call|invocation/.test(of);
  const isDeclarator = /_declarator$/.test(parent);
  const whole = isDeclarator ? (parents.at(-2) ?? "") : parent;
  if (/parameter/.test(whole) && field !== "type") return "parameter";
  if (
    (field === "name" || field === "declarator" || field === "pattern") &&
    /declarat|definition|_item$|_spec$|^method$|^class|^module|enum|field/.test(
      parent,
    )
  )
    return "declaration";
  if (/^type_identifier$|type/.test(type) || field === "type") return "type";
  if (
    isCalled(parent) &&
    (field === "function" || field === "name" || field === "method")
  )
    return "call";
  const isMember =
    /^(?:property|field)_identifier$/.test(type) ||
    field === "attribute" ||
    field === "field" ||
    (/member|field|selector/.test(parent) && field === "name");
  if (!isMember) return "other";
  return isCalled(parents.at(-2) ?? "") ? "call" : "member";
}
