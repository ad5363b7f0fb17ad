/**
 * Cases that hold for every language: of the rules that know none, and of the trees. `█` is the
 * cursor, `text` what is inserted there.
 */
export interface BracketCase {
  readonly languageId: string;
  readonly marked: string;
  /** What is open before the cursor, the innermost last. */
  readonly open: string;
  readonly text?: string;
  /** Closing brackets of the inserted text that it does not open. */
  readonly unopened?: string;
  /** What the inserted text leaves open, the innermost last. */
  readonly unclosed?: string;
  /** Only a parser can know. */
  readonly treeOnly?: boolean;
}

export const bracketCases: readonly BracketCase[] = [
  { languageId: "typescript", marked: "foo(bar[█", open: ")]" },
  { languageId: "typescript", marked: "foo(bar[0], █", open: ")" },
  { languageId: "typescript", marked: "if (a) {\n  █", open: "}" },
  {
    languageId: "typescript",
    marked: "if (a) {\n  █\n}",
    open: "}",
    text: "b(c",
    unclosed: ")",
  },
  {
    languageId: "typescript",
    marked: "foo(█)",
    open: ")",
    text: "g(a))",
    unopened: ")",
  },
  {
    languageId: "typescript",
    marked: "log(█",
    open: ")",
    text: '":)")',
    unopened: ")",
  },
  {
    languageId: "python",
    marked: "x = [f(1), (2█",
    open: "])",
    text: ", 3)]",
    unopened: ")]",
  },
  {
    languageId: "go",
    marked: "package p\n\nfunc f() {\n\tg([]int{1█\n}\n",
    open: "})}",
    text: ", 2})",
    unopened: "})",
  },
  // found.md C: brackets that are none.
  {
    languageId: "python",
    marked: "# 1) open\n# 2) read\n# 3█",
    open: "",
  },
  {
    languageId: "python",
    marked: "# (a\nx = █",
    open: "",
  },
  {
    languageId: "rust",
    marked: "fn get2<'a>(m: &'a str, k: usize█",
    open: ")",
    text: ") -> &'a str {",
    unopened: ")",
    unclosed: "}",
  },
  {
    languageId: "rust",
    marked: "fn first<'a>(x: &str█",
    open: ")",
    text: ") {}",
    unopened: ")",
  },
  {
    languageId: "python",
    marked: "def f(s):\n    return s.endswith(█)\n",
    open: ")",
    text: '")"',
    unopened: "",
  },
  {
    languageId: "typescript",
    marked: "const x = a.match(█)\n",
    open: ")",
    text: "/[(]/",
    unopened: "",
    unclosed: "",
    treeOnly: true,
  },
  {
    languageId: "typescript",
    marked: "/* ( */ f(█",
    open: ")",
  },
  {
    languageId: "python",
    marked: 'x = """\n( [\n"""\ny = f(█',
    open: ")",
  },
];
