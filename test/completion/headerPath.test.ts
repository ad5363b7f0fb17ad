import assert from "node:assert/strict";
import { headerPath } from "../../src/completion/headerPath";

describe("header path", () => {
  for (const [path, languageId, expected] of [
    ["Untitled-2", "go", "Untitled-2.go"],
    ["notes/analysis.ipynb", "python", "notes/analysis.py"],
    ["bin/deploy", "shellscript", "bin/deploy.sh"],
    ["src/a.ts", "typescript", "src/a.ts"],
    // What the user has chosen another language for keeps the ending that it has.
    ["a.inc", "php", "a.inc"],
    ["Makefile", "makefile", "Makefile"],
    // Not a language, but what every object has.
    ["notes", "constructor", "notes"],
    [".bashrc", "shellscript", ".bashrc.sh"],
    ["v1.2/tool", "python", "v1.2/tool.py"],
  ] as const)
    it(`of ${path} in ${languageId} is ${expected}`, () => {
      assert.equal(headerPath(path, languageId), expected);
    });
});
