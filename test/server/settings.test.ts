import assert from "node:assert/strict";
import { defaultSettings } from "../../src/protocol";
import { validSettings } from "../../src/server/settings";

describe("settings", () => {
  it("are the defaults where nothing is given", () => {
    for (const nothing of [undefined, null, [], {}]) {
      assert.deepEqual(
        validSettings(nothing, defaultSettings),
        defaultSettings,
      );
    }
  });

  it("take over what is well-formed and leave the rest", () => {
    const given = {
      enable: "no",
      maxTokens: 8,
      exclude: ["a"],
      generate: { topP: 0.5, maxTokens: null },
    };
    const settings = validSettings(given, defaultSettings);
    assert.equal(settings.enable, true);
    assert.equal(settings.maxTokens, 8);
    assert.deepEqual(settings.exclude, ["a"]);
    assert.deepEqual(settings.generate, {
      ...defaultSettings.generate,
      topP: 0.5,
    });
  });

  it("are unknown where what is excluded cannot be told", () => {
    for (const given of [
      3,
      "x",
      [1],
      { exclude: "secrets" },
      { exclude: ["a", 3] },
      { exclude: ["a".repeat(5000)] },
      { exclude: Array(50_000).fill("a") },
      { exclude: ["{a,b}".repeat(20)] },
    ])
      assert.throws(() => validSettings(given, defaultSettings));
  });

  it("bring numbers into their range", () => {
    const settings = validSettings(
      { temperature: -1, topP: 7, maxLines: 2.6, timeBudget: NaN },
      defaultSettings,
    );
    assert.deepEqual(
      [
        settings.temperature,
        settings.topP,
        settings.maxLines,
        settings.timeBudget,
      ],
      [0, 1, 3, defaultSettings.timeBudget],
    );
  });

  it("have a time budget in milliseconds, or one that goes by the model", () => {
    const base = { ...defaultSettings, timeBudget: 100 };
    const given = [3, 50, 1e9, "auto", "soon", null, NaN];
    assert.deepEqual(
      given.map((timeBudget) => validSettings({ timeBudget }, base).timeBudget),
      [20, 50, 10_000, "auto", 100, 100, 100],
    );
  });
});
