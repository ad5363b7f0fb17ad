import { extname } from "node:path";

/** The editor's language ids by file ending, as VS Code and its extensions assign them. */
const languageIds: Readonly<Record<string, string>> = {
  bash: "shellscript",
  c: "c",
  cc: "cpp",
  cjs: "javascript",
  cpp: "cpp",
  cs: "csharp",
  css: "css",
  cts: "typescript",
  cxx: "cpp",
  go: "go",
  h: "cpp",
  hpp: "cpp",
  html: "html",
  java: "java",
  js: "javascript",
  json: "json",
  jsx: "javascriptreact",
  kt: "kotlin",
  kts: "kotlin",
  less: "less",
  lua: "lua",
  md: "markdown",
  mjs: "javascript",
  mts: "typescript",
  php: "php",
  py: "python",
  pyi: "python",
  rb: "ruby",
  rs: "rust",
  scala: "scala",
  scss: "scss",
  sh: "shellscript",
  sql: "sql",
  swift: "swift",
  toml: "toml",
  ts: "typescript",
  tsx: "typescriptreact",
  vue: "vue",
  xml: "xml",
  yaml: "yaml",
  yml: "yaml",
  zsh: "shellscript",
};

/** The languages that dialects count as. */
const languages: Readonly<Record<string, string>> = {
  javascriptreact: "javascript",
  less: "css",
  scss: "css",
  typescriptreact: "typescript",
};

/** The editor's language id of a file by its ending; undefined for endings that no source file has. */
export function languageIdOf(path: string): string | undefined {
  return languageIds[extname(path).slice(1).toLowerCase()];
}

/** The language as which one counts in the figures. */
export function languageOf(languageId: string): string {
  return languages[languageId] ?? languageId;
}
