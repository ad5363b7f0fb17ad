import assert from "node:assert/strict";
import { offsetOf, parsePlace } from "../../src/cli/place";

describe("a place on the command line", () => {
  it("is split at the last two colons", () => {
    assert.deepEqual(parsePlace("src/a.ts:3:14"), {
      file: "src/a.ts",
      line: 3,
      column: 14,
    });
    assert.deepEqual(parsePlace("C:\\a.ts:1:2"), {
      file: "C:\\a.ts",
      line: 1,
      column: 2,
    });
    assert.deepEqual(parsePlace("a:1:2:3"), {
      file: "a:1",
      line: 2,
      column: 3,
    });
  });

  it("is refused with an example when it is none", () => {
    for (const text of ["a.ts", "a.ts:3", "a.ts:x:3", ":1:1", "a.ts:1:-1"]) {
      assert.throws(() => parsePlace(text), /write FILE:LINE:COL/);
    }
  });

  it("counts columns in UTF-16 units and lines from 1, whatever the line ends", () => {
    const at = (text: string, line: number, column: number) =>
      offsetOf(text, { file: "a", line, column });
    assert.equal(at("", 1, 1), 0);
    assert.equal(at("ab\ncd", 2, 3), 5);
    assert.equal(at("😀x\r\ny", 1, 3), 2);
    assert.equal(at("😀x\r\ny", 2, 1), 5);
    assert.equal(at("a\n", 2, 1), 2);
  });

  it("outside the file is refused with what there is", () => {
    const at = (line: number, column: number) => () =>
      offsetOf("ab\r\nc", { file: "a.ts", line, column });
    assert.throws(at(3, 1), /no line 3; choose one from 1 to 2/);
    assert.throws(at(0, 1), /no line 0/);
    assert.throws(at(1, 4), /no column 4; choose one from 1 to 3/);
    assert.throws(at(2, 0), /no column 0/);
  });
});
