import { Grammars } from "../../src/syntax/grammars";
import { ParsedDocument } from "../../src/syntax/parsedDocument";
import type { Syntax, TextEdit } from "../../src/syntax/syntax";
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
    { path, language }: SourceFile,
    text: string,
  ): Promise<LineSyntax | undefined> {
    // The evaluation counts dialects as the language they belong to; they have grammars of their own.
    const dialect = /\.[jt]sx$/.test(path) ? "react" : "";
    const grammar = await grammars.load(language + dialect);
    return grammar && new LineSyntax(new ParsedDocument(grammar, text));
  }

  edit(edit: TextEdit, text: string): void {
    this.parsed.edit(edit, text);
  }

  /** What is known of the text as it is now. */
  get current(): Syntax {
    while (!this.parsed.parse(timeLimit));
    const syntax = this.parsed.syntax!;
    const unhurried: Pick<Syntax, "fitting"> = {
      fitting: (edit, cuts) => syntax.fitting(edit, cuts, timeLimit),
    };
    return Object.assign(Object.create(syntax) as Syntax, unhurried);
  }

  /** Whether a text shown at an offset would add a syntax error. */
  addsError(offset: number, shown: string): boolean | undefined {
    const edit = { start: offset, end: offset, text: shown };
    const insertion = this.current.insert(edit, timeLimit);
    return insertion && insertion.wrongFrom !== undefined;
  }
}
