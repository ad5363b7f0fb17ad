import { Grammars } from "../../src/syntax/grammars";
import { ParsedDocument } from "../../src/syntax/parsedDocument";
import { judge } from "../../src/syntax/judgement";
import type { Syntax, TextEdit } from "../../src/syntax/syntax";
import type { TreeSyntax } from "../../src/syntax/treeSyntax";
import type { SourceFile } from "./sourceFiles";

/** Milliseconds for one check: enough for any, so that no figure depends on the machine's speed. */
const timeLimit = 1000;

const grammars = new Grammars({
  onFailure: (message) => {
    throw new Error(message);
  },
});

/** The syntax of a file in which a line is typed: the tree follows each key, as the server's does. */
export class LineSyntax {
  private constructor(private readonly parsed: ParsedDocument) {}

  /** Parses a text of a file; undefined where no grammar knows the language. */
  static async open(
    { languageId }: SourceFile,
    text: string,
  ): Promise<LineSyntax | undefined> {
    const grammar = await grammars.load(languageId);
    return grammar && new LineSyntax(new ParsedDocument(grammar, text));
  }

  edit(edit: TextEdit, text: string): void {
    this.parsed.edit(edit, text);
  }

  /** What is known of the text as it is now; it takes all the time that it needs. */
  get current(): Syntax {
    const syntax = this.tree();
    return { fitting: (edit, cuts) => syntax.fitting(edit, cuts, timeLimit) };
  }

  /** Whether a text shown at an offset would add a syntax error. */
  addsError(offset: number, shown: string): boolean | undefined {
    const edit = { start: offset, end: offset, text: shown };
    const judged = judge(this.tree(), edit, performance.now() + timeLimit);
    return judged && judged.wrongFrom !== undefined;
  }

  private tree(): TreeSyntax {
    while (!this.parsed.parse(timeLimit));
    return this.parsed.syntax!;
  }
}
