import assert from "node:assert/strict";
import fc from "fast-check";
import { postprocess } from "../../../src/completion/postprocess";
import type { Surroundings } from "../../../src/completion/context";
import { around } from "../../support/cursor";
import { suggestionOf } from "../../support/suggestions";

const processed = (text: string, place: Surroundings) =>
  postprocess(suggestionOf(text), place);

describe("postprocess", () => {
  it("names the rule that left nothing", () => {
    assert.equal(processed("  \n", around("x█")).reason, "nothing to add");
    assert.equal(
      processed(");", around("f(█);")).reason,
      "repeats what follows",
    );
    assert.equal(processed("}", around("x = 1;\n█")).reason, "unbalanced");
    assert.equal(
      processed("a();", around("a();\na();\n█")).reason,
      "repetition",
    );
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
