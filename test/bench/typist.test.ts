import assert from "node:assert/strict";
import { linesToType } from "../../bench/eval/lineToType";
import type { SourceFile } from "../../bench/eval/sourceFiles";
import type { Subject } from "../../bench/eval/subject";
import { leastOf } from "../../bench/eval/suggestionSettings";
import { Typist, type TypingOptions } from "../../bench/eval/typist";
import { Runtime } from "../../src/runtime/runtime";
import { FakeModel, scripted } from "../support/fakeModel";

const text = `${"\n".repeat(5)}  first(a);\n  return second(b, c);\n}\n`;

describe("typist", () => {
  /** With a model that expects the file's own text. */
  const typist = (isClosing: boolean, given: Partial<TypingOptions> = {}) => {
    const network = new FakeModel({ script: scripted(text) });
    const { tokenizer } = network;
    const file: SourceFile = {
      path: "lib/a.js",
      languageId: "javascript",
      language: "javascript",
      bytes: Buffer.from(text),
      text,
    };
    const runtime = new Runtime(network, {
      budgetBytes: 1e9,
      tokenizer,
      firstText: 0,
    });
    const subject = {
      tokenizer,
      runtime,
      network,
      documentStart: () => [],
    } as unknown as Subject;
    return new Typist(
      subject,
      file,
      { open: [] },
      { settings: {}, isTimed: false, isClosing, ...given },
    );
  };
  const [, line] = linesToType(text, 2, 0, "line");

  it("has nothing of the line in the open text but what is typed", async () => {
    const { questionAt } = await typist(false).open(line!);
    for (const [at, typed] of [
      [0, ""],
      [6, "return"],
    ] as const) {
      const { context } = questionAt(at);
      assert.ok(context.before.endsWith(`first(a);\n  ${typed}`));
      assert.equal(context.after, "\n}\n");
      assert.equal(context.trigger, "automatic");
    }
  });

  it("asks for as much as is said, unless it asks by hand", async () => {
    const minConfidence = { short: 0.9, line: 0.8, lines: 0.9, newWord: 0.9 };
    const asked = async (given: Partial<TypingOptions>) => {
      const { questionAt } = await typist(false, given).open(line!);
      return (["automatic", "invoked"] as const).map(
        (trigger) => questionAt(0, trigger).context.minConfidence.line,
      );
    };
    const rare = { settings: { suggestions: "rare" } } as const;
    const { line: least } = leastOf("rare");
    assert.deepEqual(await asked(rare), [least, 0]);
    assert.deepEqual(await asked({ ...rare, minConfidence }), [0.8, 0]);
  });

  it("has the closers behind the cursor in an editor that closes brackets", async () => {
    const { questionAt } = await typist(true).open(line!);
    const { context } = questionAt("return second(b".length);
    assert.equal(context.lineSuffix, ")");
    assert.equal(questionAt(line!.text.length).context.lineSuffix, "");
  });

  it("takes what is right once that has been seen for as many keys as it needs", async () => {
    for (const [reaction, places] of [
      [0, [0]],
      [2, [0, 1, 2]],
      // Short of a word that is worth a key.
      [20, [...line!.text].map((_, at) => at)],
    ] as const) {
      const { screens } = await typist(false, { reaction }).type(line!);
      const typed = screens.map(({ typed }) => typed);
      assert.deepEqual(typed, places);
    }
  });

  it("takes what is right, and knows what it does to the syntax", async () => {
    const { screens } = await typist(false).type(line!);
    assert.deepEqual(
      screens.map(({ ms, ...screen }) => ({ ...screen, isAsked: ms! > 0 })),
      [
        {
          typed: 0,
          shown: "return second(b, c);",
          addsError: false,
          isAsked: true,
        },
      ],
    );
  });
});
