import assert from "node:assert/strict";
import { cutRepetition } from "../../../src/completion/postprocess/cutRepetition";
import { around } from "../../support/cursor";

describe("cutRepetition", () => {
  it("keeps the first of equal lines", () => {
    assert.equal(
      cutRepetition.apply("a();\na();\na();\n", around("█")),
      "a();",
    );
  });

  it("keeps what does not repeat", () => {
    assert.equal(cutRepetition.apply("a();\nb();", around("█")), "a();\nb();");
  });
});
