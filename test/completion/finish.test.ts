import assert from "node:assert/strict";
import { minConfidence } from "../../src/completion/confidence";
import { finish } from "../../src/completion/finish";
import { noTimings } from "../../src/completion/suggestion";
import type { Syntax } from "../../src/syntax/syntax";
import { contextAt } from "../support/cursor";

describe("finish", () => {
  it("checks the first line of several as one that ends there", () => {
    const text = "first(a,\n  b);";
    const least = minConfidence("balanced", "automatic");
    const shown = (isRight: (text: string) => boolean) => {
      const syntax: Syntax = {
        fitting: ({ text }, cuts) =>
          [...cuts, text.length].findLast((end) =>
            isRight(text.slice(0, end)),
          ) ?? 0,
      };
      const { text: part } = finish(
        {
          text,
          stop: "token limit",
          tokens: [{ id: 1, logProbability: -0.1, end: text.length }],
          steps: 1,
          timings: noTimings,
        },
        contextAt("const a = █\n", { syntax }),
        least,
      );
      return part;
    };
    assert.equal(
      shown(() => true),
      "first(a,",
    );
    assert.equal(
      shown((part) => part !== "first(a,"),
      "first(a",
    );
    assert.equal(
      shown((part) => part === text),
      "",
    );
  });
});
