import assert from "node:assert/strict";
import { oneLine } from "../../../src/completion/postprocess/oneLine";
import { around } from "../../support/cursor";

describe("oneLine", () => {
  it("stays on its line with text to the right", () => {
    assert.equal(oneLine.apply("a\nb", around("f(█)")), "a");
    assert.equal(oneLine.apply("\nb", around("f(█)")), "");
  });

  it("is free otherwise", () => {
    assert.equal(oneLine.apply("a\nb", around("f(█  \n)")), "a\nb");
  });
});
