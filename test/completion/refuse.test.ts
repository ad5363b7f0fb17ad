import assert from "node:assert/strict";
import { isBinary, refuse } from "../../src/completion/refuse";
import { contextAt } from "../support/cursor";

const refused = (marked: string, given: Parameters<typeof contextAt>[1] = {}) =>
  refuse(contextAt(marked, given));

describe("refuse", () => {
  it("lets an ordinary place pass", () => {
    assert.equal(refused("const x = █"), undefined);
    assert.equal(refused("foo(█)"), undefined);
  });

  it("obeys the switches", () => {
    const invoked = { trigger: "invoked" } as const;
    assert.equal(
      refused("x█", { ...invoked, settings: { enable: false } }),
      "off",
    );
    const languages = { "*": false, python: true };
    assert.equal(
      refused("x█", { ...invoked, settings: { languages } }),
      "language off",
    );
    assert.equal(
      refused("x█", { languageId: "python", settings: { languages } }),
      undefined,
    );
    assert.equal(refused("x█", { settings: { languages: {} } }), undefined);
    assert.equal(
      refused("x█", { languageId: "constructor", settings: { languages } }),
      "language off",
    );
  });

  it("says why a document must not be read, for a command, too", () => {
    assert.equal(
      refused("x█", { trigger: "invoked", refusedAccess: "excluded" }),
      "excluded",
    );
  });

  it("stays silent inside a word, and before one unless asked", () => {
    for (const inside of ["con█st", "con█ñ"]) {
      assert.equal(refused(inside), "mid-word");
      assert.equal(refused(inside, { trigger: "invoked" }), "mid-word");
    }
    assert.equal(refused("return █width"), "mid-word");
    assert.equal(refused("return █width", { trigger: "invoked" }), undefined);
  });

  it("takes no character apart", () => {
    for (const text of [
      "cafe█\u0301",
      "I ❤█\ufe0f",
      "👨█\u200d👩",
      "👨\u200d█👩",
      "🇩█🇪",
      "👍█🏽",
    ]) {
      assert.equal(refused(text), "inside a character", text);
      assert.equal(refused(text, { trigger: "invoked" }), "inside a character");
    }
    assert.equal(refused("🇩🇪█🇪🇸"), undefined);
    assert.equal(refused("a █\r\n"), undefined);
  });

  it("refuses what is no text", () => {
    assert.equal(refused("MZ\0\0█"), "binary");
    const far = { before: 256 * 1024, after: 8 * 1024 };
    assert.equal(
      isBinary(`\0${"a".repeat(far.before)}`, far.before + 1),
      false,
    );
    assert.equal(isBinary(`\0${"a".repeat(far.before)}`, far.before), true);
    assert.equal(isBinary(`${"a".repeat(far.after)}\0`, 0), false);
    assert.equal(isBinary(`${"a".repeat(far.after)}\0`, 1), true);
    assert.equal(refused("a\ud83d█\ude00"), "inside a character");
    assert.equal(refused("a\ud83d█"), undefined);
    const half = { start: 0, end: 2, text: "b" };
    assert.equal(
      refused("a\ud83d\ude00█", { selectedItem: half }),
      "inside a character",
    );
  });

  it("refuses endless lines unless asked", () => {
    assert.equal(refused("x".repeat(10_001) + "█"), "line too long");
    assert.equal(refused("x".repeat(10_000) + "█"), undefined);
    assert.equal(
      refused("x".repeat(20_000) + "█", { trigger: "invoked" }),
      undefined,
    );
  });

  it("needs something to go on", () => {
    assert.equal(refused("█"), "nothing to go on");
    assert.equal(
      refused("\n  █\nx", { trigger: "invoked" }),
      "nothing to go on",
    );
    assert.equal(refused("█", { trigger: "invoked" }), undefined);
  });

  it("refuses a selected item elsewhere", () => {
    assert.equal(
      refused("a.fo█", { selectedItem: { start: 0, end: 1, text: "b" } }),
      "selected item",
    );
    const item = (start: number, end: number, length = 1) =>
      refused("ab█ c;", {
        trigger: "invoked",
        selectedItem: { start, end, text: "b".repeat(length) },
      });
    assert.equal(item(3, 4), "selected item");
    assert.equal(item(0, 1), "selected item");
    for (const [start, end] of [
      [2, 2],
      [0, 4],
    ] as const)
      assert.equal(item(start, end), undefined);
    // Too long to be generated again.
    assert.equal(item(0, 2, 256), undefined);
    assert.equal(item(0, 2, 257), "selected item");
  });
});
