import assert from "node:assert/strict";
import fc from "fast-check";
import { postprocess } from "../../../src/completion/postprocess";
import type { Surroundings } from "../../../src/completion/context";
import { around } from "../../support/cursor";
import { suggestionOf } from "../../support/suggestions";

const processed = (text: string, place: Surroundings) =>
  postprocess(suggestionOf(text), place);

describe("postprocess", () => {
  it("says what was cut off and why, and nothing where nothing was", () => {
    assert.equal(postprocess(suggestionOf("a;"), around("█")).cuts, undefined);
    const { text, cuts } = postprocess(suggestionOf("a);  "), around("f(█)"));
    assert.equal(text, "a");
    assert.deepEqual(cuts, [{ reason: "repeats what follows", text: ");  " }]);
  });

  it("only ever shortens, and is done after one pass", () => {
    const code = fc.string({
      unit: fc.constantFrom("a", "b", "(", ")", '"', " ", "\n", ";", "{", "}"),
    });
    fc.assert(
      fc.property(code, code, code, (before, after, text) => {
        const place = around(`${before}█${after}`);
        const once = processed(text, place).text;
        assert.ok(text.startsWith(once));
        assert.equal(processed(once, place).text, once);
      }),
    );
  });
});
