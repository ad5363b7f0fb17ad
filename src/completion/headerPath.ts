/** The usual ending of a file by the editor's language id. */
const endings: Readonly<Record<string, string>> = {
  c: "c",
  cpp: "cpp",
  csharp: "cs",
  css: "css",
  go: "go",
  html: "html",
  java: "java",
  javascript: "js",
  javascriptreact: "jsx",
  json: "json",
  jsonc: "json",
  kotlin: "kt",
  lua: "lua",
  markdown: "md",
  perl: "pl",
  php: "php",
  python: "py",
  r: "r",
  ruby: "rb",
  rust: "rs",
  scss: "scss",
  shellscript: "sh",
  sql: "sql",
  swift: "swift",
  typescript: "ts",
  typescriptreact: "tsx",
  vue: "vue",
  xml: "xml",
  yaml: "yaml",
};

/**
 * The path that the network reads before a document's text. The network recognises a language by the
 * file's ending. A notebook's cell, an unsaved file and a script without an ending get the usual ending
 * of their language.
 *
 * @param path '/'-separated
 */
export function headerPath(path: string, languageId: string): string {
  const ending = Object.hasOwn(endings, languageId)
    ? endings[languageId]
    : undefined;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isTold = /.\.\w+$/.test(name) && !name.endsWith(".ipynb");
  if (ending === undefined || isTold) return path;
  return `${path.replace(/\.ipynb$/, "")}.${ending}`;
}
