import assert from "node:assert/strict";
import { asRelativePath } from "../../src/server/converters";

describe("asRelativePath", () => {
  const folders = ["file:///work", "file:///work/inner/", "file:///other"];

  it("is relative to the innermost folder", () => {
    assert.equal(asRelativePath("file:///work/src/a.ts", folders), "src/a.ts");
    assert.equal(asRelativePath("file:///work/inner/a.ts", folders), "a.ts");
    assert.equal(
      asRelativePath("file:///c%3A/x%20y/a.ts", ["file:///c%3A"]),
      "x y/a.ts",
    );
  });

  it("is the last part outside of all folders", () => {
    assert.equal(asRelativePath("file:///workshop/a.ts", folders), "a.ts");
    assert.equal(asRelativePath("untitled:Untitled-1", folders), "Untitled-1");
  });
});
