import assert from "node:assert/strict";
import { finish } from "../../src/completion/finish";
import { noTimings } from "../../src/completion/suggestion";
import type { Syntax } from "../../src/syntax/syntax";
import { contextAt } from "../support/cursor";

describe("finish", () => {
  it("checks the first line of several as one that ends there", () => {
    const text = "first(a,\n  b);";
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

  it("runs no rules for what other settings would show until it is asked", () => {
    let checks = 0;
    const syntax: Syntax = {
      fitting: ({ text }) => {
        checks++;
        return text.length;
      },
    };
    const tokens = [{ id: 1, logProbability: Math.log(0.4), end: 5 }];
    const { reason, withheld } = finish(
      {
        text: "",
        stop: "not sure enough",
        tokens: [],
        steps: 1,
        timings: noTimings,
        next: { text: "first", tokens },
      },
      contextAt("const a = █\n", { syntax }),
    );
    assert.deepEqual([reason, checks], ["not sure enough", 0]);
    assert.deepEqual(withheld?.(), { text: "first", settings: ["often"] });
    assert.equal(checks, 1);
  });
});
