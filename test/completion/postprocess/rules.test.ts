import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import * as pipeline from "../../../src/completion/postprocess";
import type { Rule } from "../../../src/completion/postprocess/rule";
import { around } from "../../support/cursor";
import { suggestionOf } from "../../support/suggestions";
import { parseRuleCases, type RuleCase } from "../../support/ruleCases";

const load = createRequire(__filename);
const rulesFolder = join(__dirname, "../../../src/completion/postprocess");
const namesIn = (folder: string, extension: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .map((name) => basename(name, extension));

/** What a rule, or all of them for "index", leaves of a case's text. */
function result(
  name: string,
  { document, language, beforeIsWhole, generated }: RuleCase,
): { text: string; dropped?: string } {
  const place = { ...around(document, language), beforeIsWhole };
  if (name === "index") {
    const {
      text,
      reason,
      cuts = [],
    } = pipeline.postprocess(suggestionOf(generated), place);
    // What it says that it took off is what is missing.
    if (text !== "")
      assert.equal(
        text +
          cuts
            .toReversed()
            .map((cut) => cut.text)
            .join(""),
        generated,
      );
    return { text, dropped: reason };
  }
  const module = load(join(rulesFolder, name)) as Record<string, Rule>;
  const suggestion = suggestionOf(generated);
  return { text: module[name]!.apply(generated, place, suggestion) };
}

// Each file beside this one has the cases of the rule of the same name; index.txt those of all.
describe("rules", () => {
  const files = namesIn(__dirname, ".txt");

  it("have cases, every one", () => {
    const rules = namesIn(rulesFolder, ".ts").filter((name) => name !== "rule");
    // A rule that needs a parser has its cases in a test of its own.
    const own = namesIn(__dirname, ".test.ts");
    assert.deepEqual(
      rules.filter((name) => !files.includes(name) && !own.includes(name)),
      [],
    );
    assert.deepEqual(
      files.filter((name) => !rules.includes(name)),
      [],
    );
  });

  for (const name of files) {
    const path = join(__dirname, `${name}.txt`);
    describe(name, () => {
      for (const given of parseRuleCases(readFileSync(path, "utf8")))
        it(given.title, () => {
          const { text, dropped } = result(name, given);
          assert.equal(text, given.left, `${path}:${given.line}`);
          if (given.dropped !== undefined)
            assert.equal(dropped, given.dropped, `${path}:${given.line}`);
        });
    });
  }
});

describe("a file of cases", () => {
  const whole =
    "about\n\n=== title\nlanguage: go\n--- document\na█\n--- generated\nb␠\n\n--- left\nb\n";

  it("is read", () => {
    assert.deepEqual(parseRuleCases(whole), [
      {
        title: "title",
        language: "go",
        beforeIsWhole: true,
        document: "a█",
        generated: "b ",
        left: "b",
        line: 3,
      },
    ]);
  });

  it("is refused with the line of what is wrong", () => {
    for (const [from, to, message] of [
      ["===", "==", /no case/],
      ["language: go", "languages: go", /line 4: not an option/],
      ["language: go", "start: hidden", /line 3: start can be/],
      ["a█", "a", /line 3: .*one cursor mark/],
      ["--- generated", "--- given", /line 3: no section --- generated/],
      ["--- left", "--- lost", /line 3: not understood: lost/],
      ["--- left", "--- document", /line 10: a second section "document"/],
      ["--- left\nb\n", "", /line 3: a case ends with/],
    ] as const)
      assert.throws(
        () => parseRuleCases(whole.replace(from, to)),
        { message },
        to,
      );
  });
});
