import { languageIdOf } from "../../src/text/languageId";

/** The languages that dialects count as. */
const languages: Readonly<Record<string, string>> = {
  javascriptreact: "javascript",
  less: "css",
  scss: "css",
  typescriptreact: "typescript",
};

/** No source text, or without an ending by which a file is found. */
const otherwise = new Set(["dockerfile", "makefile", "plaintext"]);

/** The editor's language id of a source file; undefined for endings that no source file has. */
export function sourceLanguageIdOf(path: string): string | undefined {
  const id = languageIdOf(path);
  return id !== undefined && otherwise.has(id) ? undefined : id;
}

/** The language as which one counts in the figures. */
export function languageOf(languageId: string): string {
  return languages[languageId] ?? languageId;
}
