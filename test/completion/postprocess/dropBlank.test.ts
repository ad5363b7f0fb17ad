import assert from "node:assert/strict";
import { dropBlank } from "../../../src/completion/postprocess/dropBlank";
import { around } from "../../support/cursor";

describe("dropBlank", () => {
  it("drops what nobody can see", () => {
    for (const text of [" ", "\n\t", "\u200b", "\u0000"])
      assert.equal(dropBlank.apply(text, around("█")), "");
  });

  it("keeps what one can", () => {
    for (const text of [";", " x", "é"])
      assert.equal(dropBlank.apply(text, around("█")), text);
  });
});
