import { Grammars } from "../../src/syntax/grammars";
import { ParsedDocument } from "../../src/syntax/parsedDocument";
import type { TreeSyntax } from "../../src/syntax/treeSyntax";

/** Grammars for tests, in which none may be left out. */
export const grammars = new Grammars({
  onFailure: (message) => {
    throw new Error(message);
  },
});

/** A text parsed in a language that has a grammar. */
export async function parsedDocument(
  languageId: string,
  text: string,
): Promise<ParsedDocument> {
  const grammar = await grammars.load(languageId);
  if (grammar === undefined) throw new Error(`no grammar of ${languageId}`);
  const document = new ParsedDocument(grammar, text);
  if (!document.parse(Infinity)) throw new Error("not parsed");
  return document;
}

export async function treeOf(
  languageId: string,
  text: string,
): Promise<TreeSyntax> {
  return (await parsedDocument(languageId, text)).syntax!;
}
