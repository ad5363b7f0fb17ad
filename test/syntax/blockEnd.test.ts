import assert from "node:assert/strict";
import { blockEnd } from "../../src/syntax/blockEnd";
import { around } from "../support/cursor";

/** The block that a suggestion at the cursor is cut to. */
function block(marked: string, text: string): string | undefined {
  const end = blockEnd(text, around(marked));
  return end === undefined ? undefined : text.slice(0, end);
}

describe("blockEnd", () => {
  it("lets a block go on while nothing ends it", () => {
    assert.equal(block("def f():\n    █", "x = 1\n    y = 2"), undefined);
    assert.equal(block("def f():█", "\n    x = 1\n\n    y = 2\n"), undefined);
  });

  it("ends before the first line indented less than the one it started on", () => {
    assert.equal(
      block("def f():\n    █", "x = 1\n    y = 2\nz()"),
      "x = 1\n    y = 2",
    );
    assert.equal(
      block("def f():\n█", "    x = 1\n    y = 2\nz(): "),
      "    x = 1\n    y = 2",
    );
  });

  it("keeps the line that closes the block around it", () => {
    assert.equal(block("if (a) {\n  █", "b();\n}\nc();"), "b();\n}");
    assert.equal(block("if (a) {\n  █\n}", "b();\n}\n"), "b();\n}");
  });

  it("does not close the block if more of it follows", () => {
    assert.equal(block("if (a) {\n  █\n  c();\n}", "b();\n}\n"), "b();");
  });

  it("waits until it knows what a line is", () => {
    assert.equal(block("if a then\n  █", "b()\nen"), undefined);
    assert.equal(block("if a then\n  █", "b()\nend\n"), "b()\nend");
  });

  it("ends with the block that the line opens", () => {
    assert.equal(
      block("function f() {█", "\n  return 1;\n}\n\ng"),
      "\n  return 1;\n}",
    );
    assert.equal(block("if x:█", "\n    y()\nelse:\n    z()"), "\n    y()");
    assert.equal(block("call(█", "\n  a,\n);\nb"), "\n  a,\n);");
  });

  it("goes on over a line that closes one block and opens the next", () => {
    const text = "\n  b();\n} else {\n  c();\n}\nd();";
    assert.equal(block("if (a) {█", text), "\n  b();\n} else {\n  c();\n}");
  });

  it("ends with the line if it opens no block", () => {
    assert.equal(block("let x = █", "1;\nlet y = 2;"), "1;");
  });

  it("ends at a blank line between blocks, not inside one", () => {
    assert.equal(block("█", "import a\n\nimport b"), "import a");
    assert.equal(
      block("class A:█", "\n    x = 1\n\n    y = 2\nz = 3"),
      "\n    x = 1\n\n    y = 2",
    );
  });

  it("counts tabs as columns", () => {
    assert.equal(block("func f() {\n\t█", "a()\n\tb()\n}\n"), "a()\n\tb()\n}");
  });
});
