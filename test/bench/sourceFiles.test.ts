import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LineEnds } from "../../bench/eval/lineEnds";
import { neighbours, readSourceFiles } from "../../bench/eval/sourceFiles";

describe("source files of the evaluation", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "eval-test-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }

  it("are those with a known ending that hold text, with LF", () => {
    write("b/x.PY", "a\r\nb\r\r\n");
    write("a.ts", "é");
    write("a.bin", "no");
    write("empty.ts", "");
    write("zero.ts", "a\0b");
    write(".git/x.ts", "no");
    write("node_modules/x.ts", "no");
    const files = readSourceFiles(folder);
    assert.deepEqual(
      files.map(({ path, language, text }) => [path, language, text]),
      [
        ["a.ts", "typescript", "é"],
        ["b/x.PY", "python", "a\nb\r\n"],
      ],
    );
    assert.equal(files[0]!.bytes.length, 2);
  });

  it("have the language that the editor gives them, and count as its dialect's", () => {
    const expected = [
      ["a.c", "c", "c"],
      ["a.cpp", "cpp", "cpp"],
      ["a.h", "cpp", "cpp"],
      ["a.jsx", "javascriptreact", "javascript"],
      ["a.scss", "scss", "css"],
      ["a.tsx", "typescriptreact", "typescript"],
    ] as const;
    for (const [path] of expected) write(path, "x");
    assert.deepEqual(
      readSourceFiles(folder).map((file) => [
        file.path,
        file.languageId,
        file.language,
      ]),
      expected,
    );
  });

  it("have the nearest ones as neighbours, the same language first", () => {
    for (const path of [
      "p/a/1.ts",
      "p/a/2.md",
      "p/a/3.ts",
      "p/b/4.ts",
      "p/5.ts",
      "q/6.ts",
    ])
      write(path, "x");
    const files = readSourceFiles(folder);
    const file = files.find(({ path }) => path === "p/a/1.ts")!;
    assert.deepEqual(
      neighbours(file, files, 4).map(({ path }) => path),
      ["p/a/3.ts", "p/a/2.md", "p/5.ts", "p/b/4.ts"],
    );
  });

  it("have line ends in bytes and in UTF-16 units", () => {
    const bytes = Buffer.from("é😀\n\nab");
    const ends = new LineEnds(bytes);
    assert.equal(ends.offset, 3);
    assert.equal(ends.moveTo(6), false);
    assert.equal(ends.moveTo(7), true);
    assert.equal(ends.offset, 4);
    assert.equal(ends.moveTo(10), true);
    assert.equal(ends.offset, bytes.toString("utf8").length);
  });
});
