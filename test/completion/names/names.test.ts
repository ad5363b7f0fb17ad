import assert from "node:assert/strict";
import { namesIn } from "../../../src/completion/names/names";

describe("names of other files", () => {
  it("are those of some length", () => {
    assert.deepEqual(
      [...namesIn("let a = short + longer + longer_1 + $scope2 + 4cats;")],
      ["longer", "longer_1", "$scope2"],
    );
  });
});
