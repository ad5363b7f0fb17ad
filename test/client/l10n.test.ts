import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(__dirname, "..", "..");
/** All that words something for users: what lies in `src` itself, the client, and lines of the server. */
const sources = [
  ...filesIn("").filter((path) => dirname(path) === join(root, "src")),
  ...filesIn("client"),
  ...filesIn("server"),
];
const bundle = JSON.parse(
  readFileSync(join(root, "l10n", "bundle.l10n.zh-cn.json"), "utf8"),
) as Record<string, string>;

function filesIn(folder: string): string[] {
  const path = join(root, "src", folder);
  return readdirSync(path, { encoding: "utf8", recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(path, name));
}

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

describe("errors about files of models and tokenizers", () => {
  /** Told to nobody: what only a mistake of ours or the end of a process can bring about. */
  const untold: Readonly<Record<string, number>> = {
    "models/formats/ggufFile.ts": 1,
    "models/import/importChild.ts": 1,
  };

  for (const folder of ["models", "tokenizer", "files", "download"])
    it(`are told by their codes in src/${folder}`, () => {
      for (const path of filesIn(folder)) {
        const name = relative(join(root, "src"), path).replaceAll("\\", "/");
        const source = readFileSync(path, "utf8");
        assert.equal(
          source.match(/new Error\(/g)?.length ?? 0,
          untold[name] ?? 0,
          `${name} throws an Error without a code; use ToldError`,
        );
        assert.doesNotMatch(source, /\(error as Error\)\.message/, name);
      }
    });
});
