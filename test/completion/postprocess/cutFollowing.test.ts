import assert from "node:assert/strict";
import { cutFollowing } from "../../../src/completion/postprocess/cutFollowing";
import { around } from "../../support/cursor";

const left = (marked: string, text: string) =>
  cutFollowing.apply(text, around(marked));

describe("cutFollowing", () => {
  it("ends before the line that follows", () => {
    assert.equal(left("if (a) {\n  █\n}", "b();\n}"), "b();");
    assert.equal(left("  █\n\n  return x;", "y();\n  return x;\n}"), "y();");
  });

  it("drops a line that stands below already", () => {
    assert.equal(left("  █\n  return x;", "return x;"), "");
    assert.equal(left("  ret█\n  return x;", "urn x;"), "");
  });

  it("knows brackets by their indentation", () => {
    assert.equal(left("if (a) {\n  if (b) {\n    c();\n  █\n}", "}"), "}");
    assert.equal(
      left("if (a) {\n█\n}", "  if (b) {\n    c();\n  }\n}"),
      "  if (b) {\n    c();\n  }",
    );
  });

  it("ends before a last line that is the start of what follows", () => {
    assert.equal(left("if (a) {\n  █\n} else {", "b();\n}"), "b();");
    assert.equal(left("  █\n  format();", "x();\n  for"), "x();\n  for");
  });

  it("leaves the rest alone", () => {
    assert.equal(left("█", "a();\nb();"), "a();\nb();");
    assert.equal(left("█\nc();", "a();\nb();"), "a();\nb();");
    assert.equal(left("f(█)\na()", "a()"), "a()");
  });
});
