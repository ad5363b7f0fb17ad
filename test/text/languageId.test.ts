import assert from "node:assert/strict";
import { languageIdOf } from "../../src/text/languageId";

describe("language ids", () => {
  it("go by the ending, in any case, and by the name where that is a language's", () => {
    const expected = {
      "src/a.cts": "typescript",
      "C.PYI": "python",
      "a/b.kts": "kotlin",
      "a.h": "cpp",
      Makefile: "makefile",
      "docker/Dockerfile": "dockerfile",
      "build.mk": "makefile",
    };
    for (const [path, id] of Object.entries(expected))
      assert.equal(languageIdOf(path), id, path);
  });

  it("are not known for other endings, and names that objects have", () => {
    for (const path of ["a.unknown", "LICENSE", "constructor", "a.toString"])
      assert.equal(languageIdOf(path), undefined, path);
  });
});
