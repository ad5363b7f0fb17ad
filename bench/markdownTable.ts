/** A table in Markdown; `rule` is what stands below each head, such as `--:` for numbers. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  rule = "---",
): string {
  return [head, head.map(() => rule), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
