import { basename, extname } from "node:path";

/** The editor's language ids by file ending, as VS Code and its extensions assign them. */
const byEnding = new Map([
  ["bash", "shellscript"],
  ["c", "c"],
  ["cc", "cpp"],
  ["cjs", "javascript"],
  ["cpp", "cpp"],
  ["cs", "csharp"],
  ["css", "css"],
  ["cts", "typescript"],
  ["cxx", "cpp"],
  ["go", "go"],
  ["h", "cpp"],
  ["hpp", "cpp"],
  ["html", "html"],
  ["java", "java"],
  ["js", "javascript"],
  ["json", "json"],
  ["jsx", "javascriptreact"],
  ["kt", "kotlin"],
  ["kts", "kotlin"],
  ["less", "less"],
  ["lua", "lua"],
  ["md", "markdown"],
  ["mjs", "javascript"],
  ["mk", "makefile"],
  ["mts", "typescript"],
  ["php", "php"],
  ["py", "python"],
  ["pyi", "python"],
  ["rb", "ruby"],
  ["rs", "rust"],
  ["scala", "scala"],
  ["scss", "scss"],
  ["sh", "shellscript"],
  ["sql", "sql"],
  ["swift", "swift"],
  ["toml", "toml"],
  ["ts", "typescript"],
  ["tsx", "typescriptreact"],
  ["txt", "plaintext"],
  ["vue", "vue"],
  ["xml", "xml"],
  ["yaml", "yaml"],
  ["yml", "yaml"],
  ["zsh", "shellscript"],
]);

/** The same by file name, for files without an ending. */
const byName = new Map([
  ["dockerfile", "dockerfile"],
  ["gnumakefile", "makefile"],
  ["makefile", "makefile"],
]);

/** The editor's language id of a file by its name or ending; undefined for endings that are not known. */
export function languageIdOf(path: string): string | undefined {
  const name = basename(path).toLowerCase();
  return byName.get(name) ?? byEnding.get(extname(name).slice(1));
}
