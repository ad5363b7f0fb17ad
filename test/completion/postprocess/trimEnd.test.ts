import assert from "node:assert/strict";
import { trimEnd } from "../../../src/completion/postprocess/trimEnd";
import { around } from "../../support/cursor";

describe("trimEnd", () => {
  it("takes off white space at the end, and only there", () => {
    assert.equal(trimEnd.apply("  a\n b \n\t", around("█")), "  a\n b");
  });
});
