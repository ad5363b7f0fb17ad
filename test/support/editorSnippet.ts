import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/**
 * The configuration for an editor as README.md has it, with the server of this checkout in place of
 * the path that a reader fills in.
 *
 * @param language of the block of code
 * @param server path of the program that Node runs
 */
export function editorSnippet(
  language: "lua" | "elisp",
  server: string,
): string {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const block = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(
    readme,
  )?.[1];
  if (block === undefined) throw new Error(`README.md has no ${language}`);
  const placeholder = "/path/to/rwkv-code/dist/server.js";
  if (!block.includes(placeholder))
    throw new Error(`the snippet does not name ${placeholder}`);
  return block.replaceAll(placeholder, server.replaceAll("\\", "/"));
}

/** Code for those editors: functions alike, so that what comes next is sure over several lines. */
export const ledgers = ["first", "second"]
  .map(
    (name, n) => `function ${name}(books) {
  const quarter = reconcileQuarterlyLedgers(books, ${n});
  if (quarter.isOpen) {
    closeQuarterlyLedgers(quarter, "all");
    return undefined;
  }
  return quarter;
}
`,
  )
  .join("\n");
