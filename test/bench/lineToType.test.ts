import assert from "node:assert/strict";
import { linesToType } from "../../bench/eval/lineToType";

const text = [
  "// 1",
  "// 2",
  "// 3",
  "// 4",
  "// 5",
  "  if (ready) {  ",
  "    start();",
  "",
  "    go();",
  "  }",
  "} // end",
  "",
].join("\n");

/** The line that begins with `start`, where `unwritten` is not there yet. */
function line(start: string, unwritten: "line" | "block" | "file") {
  const found = linesToType(text, 99, 0, unwritten).find((line) =>
    line.text.startsWith(start),
  );
  assert.ok(found);
  return found;
}

describe("lines to type", () => {
  it("are those with letters, from the sixth on", () => {
    assert.deepEqual(
      linesToType(text, 99, 0, "line").map(({ text }) => text),
      ["if (ready) {", "start();", "go();", "} // end"],
    );
    assert.equal(linesToType(text, 2, 0, "line").length, 2);
  });

  it("have all before them in the file, their indentation included", () => {
    const { start } = line("if", "line");
    assert.equal(text.slice(0, start).split("\n").at(-1), "  ");
  });

  it("leave the rest of the file where only they are unwritten", () => {
    const { rest, suffixStart } = line("start", "line");
    assert.equal(rest, "");
    assert.ok(text.slice(suffixStart).startsWith("\n\n    go();"));
  });

  it("take the lines of their block out with them", () => {
    const { rest, suffixStart } = line("if", "block");
    assert.equal(rest, "  \n    start();\n\n    go();\n  }");
    assert.ok(text.slice(suffixStart).startsWith("\n} // end"));
    assert.equal(line("start", "block").rest, "\n\n    go();");
    assert.equal(line("go", "block").rest, "");
  });

  it("take all the rest with them", () => {
    const { start, rest, suffixStart } = line("go", "file");
    assert.equal(suffixStart, text.length);
    assert.equal(text.slice(start), `go();${rest}`);
  });
});
