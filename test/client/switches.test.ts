import assert from "node:assert/strict";
import { localAnswer, switchLanguage } from "../../src/client/switches";
import { isLanguageOn } from "../../src/protocol";

describe("switches", () => {
  it("name the reason", () => {
    assert.deepEqual(localAnswer({ enable: true, languages: {} }, "go"), {
      on: true,
      reason: "",
    });
    assert.deepEqual(
      localAnswer({ enable: false, languages: { go: true } }, "go"),
      { on: false, reason: "off" },
    );
    assert.deepEqual(
      localAnswer({ enable: true, languages: { "*": true, go: false } }, "go"),
      {
        on: false,
        reason: "language off",
      },
    );
  });

  it("let a named language win over all others", () => {
    assert.equal(isLanguageOn({ "*": false, go: true }, "go"), true);
    assert.equal(isLanguageOn({ "*": false, go: true }, "python"), false);
    assert.equal(isLanguageOn({}, "python"), true);
    // What every object has is no entry.
    assert.equal(isLanguageOn({ "*": false }, "constructor"), false);
  });

  it("leave no trace when switched twice", () => {
    const off = switchLanguage(undefined, "go", false);
    assert.deepEqual(off, { go: false });
    assert.equal(switchLanguage(off, "go", true), undefined);
    assert.deepEqual(switchLanguage({ "*": false }, "go", true), {
      "*": false,
      go: true,
    });
    assert.deepEqual(switchLanguage({ "*": false, go: true }, "go", false), {
      "*": false,
    });
  });
});
