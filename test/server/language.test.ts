import assert from "node:assert/strict";
import { translationFor } from "../../src/server/language";

const text = "Loading the model {0}.";
const inChinese = "正在加载模型 tiny。";
const inEnglish = "Loading the model tiny.";

describe("the language of a client that does not word our codes", () => {
  const said = (locale: string | undefined, environment = {}) =>
    translationFor(locale, environment)(text, "tiny");

  for (const locale of ["zh", "zh-cn", "zh-CN", "zh-Hans", "zh-hans-sg"])
    it(`is Chinese for ${locale}`, () => {
      assert.equal(said(locale), inChinese);
    });

  for (const locale of ["en", "", "de-CH", "zh-TW", "zh-Hant-HK", "zhx"])
    it(`is English for "${locale}"`, () => {
      assert.equal(said(locale, { LANG: "zh_CN.UTF-8" }), inEnglish);
    });

  it("is that of the environment where the client names none", () => {
    assert.equal(said(undefined, { LANG: "zh_CN.UTF-8" }), inChinese);
    assert.equal(said(undefined, { LC_ALL: "C", LANG: "zh_CN" }), inEnglish);
    assert.equal(said(undefined, { LC_ALL: "", LANG: "zh_CN" }), inChinese);
    assert.equal(said(undefined), inEnglish);
  });

  it("leaves what has no translation in English", () => {
    assert.equal(translationFor("zh")("no such {0}", "text"), "no such text");
  });
});
