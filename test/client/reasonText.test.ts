import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nextStep, reasons, reasonText } from "../../src/client/reasonText";
import {
  inEnglish,
  isMessage,
  messageCodes,
  worded,
  type Translate,
} from "../../src/messages";

const bundle = JSON.parse(
  readFileSync(
    join(__dirname, "..", "..", "l10n", "bundle.l10n.zh-cn.json"),
    "utf8",
  ),
) as Record<string, string>;

const fill = (text: string, values: readonly (string | number)[]) =>
  text.replace(/\{(\d)\}/g, (_, i: string) => String(values[Number(i)]));
const english: Translate = (text, ...values) => fill(text, values);
/** Fails where the bundle lacks a sentence. */
const chinese: Translate = (text, ...values) => {
  const translated = bundle[text];
  assert.ok(translated, `"${text}" has no translation`);
  return fill(translated, values);
};

describe("what the engine says", () => {
  const settings = new Set(
    [
      ...readFileSync(
        join(__dirname, "..", "..", "package.json"),
        "utf8",
      ).matchAll(/"(rwkv\.[\w.]+)": \{/g),
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

  it("does not take what it does not know for a message", () => {
    for (const value of [
      null,
      "x",
      {},
      { code: "toString", args: [] },
      { code: "bad position" },
    ])
      assert.equal(isMessage(value), false);
  });
});
