/**
 * Grammars by the editor's language ids: names of files in `@vscode/tree-sitter-wasm`.
 *
 * Three of its grammars are not used: `regex` and `ini` have neither names nor blocks, and the
 * package does not name the origin of `powershell`, so its licence is unknown.
 */
const grammars: Readonly<Record<string, string>> = {
  c: "cpp",
  cpp: "cpp",
  csharp: "c-sharp",
  css: "css",
  go: "go",
  java: "java",
  javascript: "javascript",
  javascriptreact: "javascript",
  php: "php",
  python: "python",
  ruby: "ruby",
  rust: "rust",
  shellscript: "bash",
  typescript: "typescript",
  typescriptreact: "tsx",
};

/** The name of the grammar of a language; undefined where there is none. */
export function grammarNameOf(languageId: string): string | undefined {
  return Object.hasOwn(grammars, languageId) ? grammars[languageId] : undefined;
}

/** All grammars that are used, once each. */
export const grammarNames: readonly string[] = [
  ...new Set(Object.values(grammars)),
];
