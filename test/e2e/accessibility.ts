import { source } from "axe-core";
import type { Frame } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}

/**
 * What axe-core, with all of its rules, finds wrong in a page: contrast in the theme that it has,
 * roles, names, headings, tables.
 *
 * @returns a line for each violation
 */
export async function violations(page: Frame): Promise<string[]> {
  const found = await page.evaluate<Violation[]>(
    `${source}; axe.run(document).then(({ violations }) => violations)`,
  );
  return found.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`,
  );
}
