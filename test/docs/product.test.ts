import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
const page = readFileSync(join(root, "docs", "product.md"), "utf8");
const { scripts } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
) as { scripts: Record<string, string> };

interface Row {
  feature: string;
  state: string;
  /** Cells with what shows it, and what does not. */
  proof: string;
  missing: string;
}

const rows = page
  .split("\n")
  .filter((line) => /^\| [^-]/.test(line))
  .slice(1)
  .map((line): Row => {
    const [, feature = "", , state = "", proof = "", missing = ""] = line
      .split("|")
      .map((cell) => cell.trim());
    return { feature, state, proof, missing };
  });

/** Tests that a cell names: file and title. */
function testsOf(cell: string): { file: string; title: string }[] {
  return [...cell.matchAll(/\[`([^\]]+)`\]\(\.\.\/([^)]+)\)/g)].map(
    ([, title, file]) => ({ title: title!, file: file! }),
  );
}

/** Whether a test of that title is declared in the text of a file, by `it` and in quotes of any kind. */
function declares(text: string, title: string): boolean {
  const quoted = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(
    `\\bit\\(\\s*(?:\\w+\\s*\\?\\s*(?:"[^"]*"\\s*:\\s*)?)?["'\`]${quoted}["'\`]`,
  ).test(text);
}

describe("the page of what is done", () => {
  it("has a row for each feature, in one of three states", () => {
    assert.equal(rows.length, 31);
    assert.equal(new Set(rows.map(({ feature }) => feature)).size, 31);
    for (const { feature, state } of rows)
      assert.match(state, /^(holds|in part|missing)$/, feature);
  });

  for (const { feature, state, proof, missing } of rows)
    it(`shows by what is there: ${feature}`, () => {
      const tests = testsOf(proof);
      const commands = [...missing.matchAll(/`npm run ([\w:]+)/g)];
      for (const { file, title } of tests) {
        const path = join(root, file);
        assert.ok(existsSync(path), `${file}: no such file`);
        const text = readFileSync(path, "utf8");
        assert.ok(declares(text, title), `${file}: no test "${title}"`);
      }
      for (const [, name] of commands)
        assert.ok(name! in scripts, `no script "${name}"`);
      if (state === "holds") assert.ok(tests.length > 0, "nothing shows it");
      else assert.notEqual(missing, "", "it is not said what is missing");
    });

  it("would be found out by a title that no test has", () => {
    assert.ok(declares('  it("does so", () => {})', "does so"));
    assert.ok(declares("it(\n  `has ${name} here`,", "has ${name} here"));
    assert.ok(!declares('// "does so"', "does so"));
  });
});
