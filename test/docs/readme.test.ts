import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pages, tables, withTables } from "../../scripts/readmeTables.mjs";

const root = join(__dirname, "..", "..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
type Manifest = Parameters<typeof tables>[0];
const manifest = JSON.parse(read("package.json")) as Manifest;

describe("the pages for users", () => {
  for (const { readme, texts, columns } of pages) {
    const translated = JSON.parse(read(texts)) as Record<string, string>;

    it(`${readme} has the commands and settings of package.json`, () => {
      const made = tables(manifest, translated, columns);
      assert.equal(withTables(read(readme), made), read(readme));
      assert.doesNotMatch(made.commands + made.settings, /%|undefined/);
    });

    it(`${readme} goes out of date with a setting`, () => {
      const changed = structuredClone(manifest);
      changed.contributes.configuration[0]!.properties["rwkv.new"] = {
        default: 1,
        markdownDescription: "%setting.enable%",
        minimum: 0,
        maximum: 2,
      };
      const made = tables(changed, translated, columns);
      assert.match(made.settings, /\| `rwkv\.new` \| `1` \| .* \(0 … 2\) \|/);
      assert.notEqual(withTables(read(readme), made), read(readme));
    });
  }

  it("name every context key that the extension sets, and no other is asked for", () => {
    const client = join(root, "src", "client");
    const set = readdirSync(client, { encoding: "utf8", recursive: true })
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => [
        ...readFileSync(join(client, name), "utf8").matchAll(
          /"setContext",\s*"([^"]+)"/g,
        ),
      ])
      .map(([, key]) => key!);
    assert.ok(set.length >= 2, "calls are recognised");
    const clauses = [...read("package.json").matchAll(/"when": "([^"]*)"/g)];
    const asked = clauses.flatMap(([, clause]) =>
      [...clause!.matchAll(/\brwkv\.\w+/g)].map(([key]) => key),
    );
    assert.deepEqual([...new Set(asked)].sort(), [...new Set(set)].sort());
    for (const { readme } of pages)
      for (const key of set)
        assert.match(read(readme), new RegExp(`\\| \`${key}\` +\\|`), readme);
  });

  it("have the same headings in number and order", () => {
    const levels = pages.map(({ readme }) =>
      read(readme)
        .split("\n")
        .filter((line) => /^#+ /.test(line))
        .map((line) => line.split(" ")[0]),
    );
    assert.deepEqual(levels[1], levels[0]);
  });
});
