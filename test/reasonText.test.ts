import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nextStep, reasons, reasonText } from "../src/reasonText";
import {
  english,
  inEnglish,
  isMessage,
  message,
  messageCodes,
  worded,
} from "../src/messages";
import { chinese } from "./support/toldInChinese";

describe("what the engine says", () => {
  const settings = new Set(
    [
      ...readFileSync(join(__dirname, "..", "package.json"), "utf8").matchAll(
        /"(rwkv\.[\w.]+)": \{/g,
      ),
    ].map(([, name]) => name),
  );

  for (const reason of reasons)
    it(`has words for the reason "${reason}" in both languages, and a next step`, () => {
      assert.match(reasonText(reason, english), /^[a-z].*[^.]$/);
      assert.match(reasonText(reason, chinese), /\p{Script=Han}/u);
      const next = nextStep(reason);
      if (typeof next === "object") assert.ok(settings.has(next.setting));
    });

  it("has a sentence of its own for each reason", () => {
    const texts = reasons.map((reason) => reasonText(reason, english));
    assert.equal(new Set(texts).size, texts.length);
  });

  it("shows a reason that only the engine knows as it is", () => {
    assert.equal(reasonText("on a holiday", chinese), "on a holiday");
    assert.equal(nextStep("toString"), "log");
  });

  for (const code of messageCodes)
    it(`has a sentence for the code "${code}" in both languages`, () => {
      const message = { code, args: ["first", 2, "third", 4, 5] };
      assert.match(worded(message, chinese), /\p{Script=Han}/u);
      assert.equal(inEnglish(message), worded(message, english));
      assert.doesNotMatch(inEnglish(message), /undefined|\{\d\}/);
      assert.ok(isMessage(JSON.parse(JSON.stringify(message))));
    });

  it("words what fills a sentence in the language of the sentence", () => {
    const zip = message("missing", message("zip64 locator"));
    const told = message("checkpoint damaged", "a.pth", 7, zip);
    assert.equal(
      worded(told, english),
      "a.pth, byte 7: the zip64 locator is missing; download or export the file again",
    );
    assert.doesNotMatch(worded(told, chinese), /missing|locator/);
    assert.ok(isMessage(JSON.parse(JSON.stringify(told))));
  });

  it("does not take what it does not know for a message", () => {
    for (const value of [
      null,
      "x",
      {},
      { code: "toString", args: [] },
      { code: "bad position" },
      { code: "missing", args: [{ code: "of tomorrow", args: [] }] },
      { code: "missing", args: [null] },
    ])
      assert.equal(isMessage(value), false);
  });
});
