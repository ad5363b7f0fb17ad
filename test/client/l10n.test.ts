import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const client = join(root, "src", "client");
const sources = [
  join(root, "src", "extension.ts"),
  join(root, "src", "messages.ts"),
  join(root, "src", "explanationText.ts"),
  join(root, "src", "browser.ts"),
  ...readdirSync(client, { encoding: "utf8", recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(client, name)),
];
const bundle = JSON.parse(
  readFileSync(join(root, "l10n", "bundle.l10n.zh-cn.json"), "utf8"),
) as Record<string, string>;

function unquoted(literal: string): string {
  return literal.startsWith("'")
    ? literal.slice(1, -1).replaceAll("\\'", "'")
    : (JSON.parse(literal) as string);
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\d\}|\$\([^)]+\)/g)]
    .map(([match]) => match)
    .sort();
}

describe("texts at run time", () => {
  const used = new Set<string>();
  for (const source of sources) {
    const found = readFileSync(source, "utf8").matchAll(
      /\bt\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g,
    );
    for (const [, literal] of found) used.add(unquoted(literal ?? '""'));
  }

  it("are all translated into Chinese, and no others", () => {
    assert.ok(used.size > 20, `found only ${used.size} texts in the sources`);
    assert.deepEqual(Object.keys(bundle).sort(), [...used].sort());
  });

  it("keep their placeholders and icons", () => {
    for (const [english, chinese] of Object.entries(bundle)) {
      assert.deepEqual(placeholders(chinese), placeholders(english), english);
    }
  });
});
