import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ESLint } from "eslint";
import ts from "typescript";
import tseslint from "typescript-eslint";
import { roomRules } from "../eslint.config.mjs";
import { rooms } from "../scripts/rooms.mjs";

const root = join(__dirname, "..");

/** All files of `src`, below it, with "/". */
const files = readdirSync(join(root, "src"), { recursive: true })
  .map((path) => String(path).replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"));

describe("the order of rooms", () => {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      {
        ...roomRules,
        languageOptions: { parser: tseslint.parser },
      },
    ],
  });

  async function errors(path: string, text: string): Promise<string[]> {
    const [result] = await eslint.lintText(text, {
      filePath: join(root, "src", path),
    });
    return result!.messages.map(({ message }) => message);
  }

  const wrong: [file: string, imported: string][] = [
    ["tokenizer/open.ts", "../engine/model"],
    ["engine/gate.ts", "../state/stateCache"],
    ["copying/copyIndex.ts", "../state/checkpoints"],
    ["state/stateCache.ts", "../copying/copyIndex"],
    ["models/formats/open.ts", "../package/manifest"],
    ["models/package/build.ts", "../import/importModel"],
    ["models/import/importModel.ts", "../../runtime/runtime"],
    ["runtime/runtime.ts", "../completion/completer"],
    ["runtime/runtime.ts", "../models/import/importModel"],
    ["completion/completer.ts", "../engine/model"],
    ["completion/completer.ts", "../models/modelError"],
    ["completion/postprocess/oneLine.ts", "../../server/session"],
    ["server/server.ts", "../client/settings"],
    ["server/features/generate.ts", "../../cli/place"],
    ["client/settings.ts", "../server/settings"],
    ["protocol.ts", "./completion/reasons"],
    ["server/server.ts", "../../test/support/run"],
    ["cli/complete.ts", "../../bench/percentile"],
  ];
  for (const [file, imported] of wrong)
    it(`keeps ${imported} out of ${file}`, async () => {
      for (const text of [
        `import { a } from "${imported}"; a();`,
        `import type { A } from "${imported}"; export let a: A;`,
        `export * from "${imported}";`,
        `void import("${imported}");`,
      ]) {
        const [message, ...more] = await errors(file, text);
        assert.match(message ?? "", /may import .*scripts\/rooms\.mjs/s, text);
        assert.deepEqual(more, []);
      }
    });

  it("lets a room import what lies below it", async () => {
    for (const [file, imported] of [
      ["server/features/generate.ts", "../../completion/decode"],
      ["completion/decode.ts", "../engine/sampling"],
      ["runtime/runtime.ts", "../engine/model"],
      ["engine/gate.ts", "./model"],
    ] as const)
      assert.deepEqual(
        await errors(file, `import { a } from "${imported}"; a();`),
        [],
      );
  });

  it("has a line for every folder", () => {
    const known = Object.keys(rooms);
    const without = files.filter(
      (file) =>
        !known.some((room) => file === room || file.startsWith(`${room}/`)),
    );
    assert.deepEqual(without, []);
  });

  it("goes one way", () => {
    assert.deepEqual(circles(new Map(Object.entries(rooms))), []);
  });
});

describe("files", () => {
  it("import each other in no circle, types included", () => {
    const imports = new Map(files.map((file) => [file, importsOf(file)]));
    assert.ok([...imports.values()].flat().length > files.length);
    assert.deepEqual(circles(imports), []);
  });

  it("would be caught importing each other", () => {
    const found = circles(
      new Map([
        ["a", ["b", "d"]],
        ["b", ["c"]],
        ["c", ["b"]],
        ["d", []],
      ]),
    );
    assert.deepEqual(found, ["b → c → b"]);
  });
});

/** The files of `src` that a file imports, for values or types. */
function importsOf(file: string): string[] {
  const path = join(root, "src", file);
  return ts
    .preProcessFile(readFileSync(path, "utf8"), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) =>
      relative(join(root, "src"), join(dirname(path), fileName)).replaceAll(
        "\\",
        "/",
      ),
    )
    .flatMap((target) =>
      [target, `${target}.ts`, `${target}/index.ts`].filter((name) =>
        files.includes(name),
      ),
    );
}

/** Ways that lead back to where they started, each named once, in the order of a search. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, way: readonly string[]) => {
    const at = way.indexOf(file);
    if (at >= 0) found.push([...way.slice(at), file].join(" → "));
    if (at >= 0 || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
