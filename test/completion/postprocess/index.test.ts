import assert from "node:assert/strict";
import fc from "fast-check";
import { postprocess } from "../../../src/completion/postprocess";
import { around } from "../../support/cursor";

describe("postprocess", () => {
  it("only ever shortens, and is done after one pass", () => {
    const code = fc.string({
      unit: fc.constantFrom("a", "b", "(", ")", '"', " ", "\n", ";", "{", "}"),
    });
    fc.assert(
      fc.property(code, code, code, (before, after, text) => {
        const place = around(`${before}█${after}`);
        const once = postprocess(text, place).text;
        assert.ok(text.startsWith(once));
        assert.equal(postprocess(once, place).text, once);
      }),
    );
  });
});
