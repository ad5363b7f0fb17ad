import assert from "node:assert/strict";
import fc from "fast-check";
import { Completer } from "../../src/completion/completer";
import { keepsBrackets } from "../../src/completion/midLine/keepsBrackets";
import { postprocess } from "../../src/completion/postprocess";
import { Runner } from "../../src/completion/runner";
import { noTimings } from "../../src/completion/suggestion";
import type {
  TextOptions,
  TextPrompt,
  TextSource,
} from "../../src/completion/textSource";
import { PromptWindow } from "../../src/runtime/promptWindow";
import { contextAt } from "../support/cursor";
import { fakeLoadedModel, FakeModel, scripted } from "../support/fakeModel";

/** A source that writes a text, or nothing; and what it was asked. */
function source(text: string | undefined, isOn = true) {
  const asked: { prompt: TextPrompt; options: TextOptions }[] = [];
  const server: TextSource = {
    isOn,
    generate: (prompt, options) => {
      asked.push({ prompt, options });
      return Promise.resolve(
        text === undefined
          ? undefined
          : {
              text,
              stop: "end of text",
              tokens: [{ id: -1, logProbability: -0.1, end: text.length }],
              steps: 1,
              timings: noTimings,
              model: "far @ away",
            },
      );
    },
  };
  return { server, asked };
}

/** Completes with a source before a local model that writes "local;". */
function complete(
  marked: string,
  server: TextSource,
  given: Parameters<typeof contextAt>[1] = { mayLeave: () => true },
  isLoaded = true,
) {
  const model = new FakeModel({ script: scripted("let a = local;\n") });
  const loaded = fakeLoadedModel(model);
  const window = new PromptWindow(model.tokenizer, loaded.documentStart(""));
  return new Completer(new Runner(), server).complete(
    contextAt(marked, given),
    () => (isLoaded ? { model: loaded, window } : "model loading"),
    new AbortController().signal,
  );
}

describe("a source of text in place of the local model", () => {
  it("writes what is suggested, and is asked as the settings say", async () => {
    const { server, asked } = source("far;");
    const { text, reason, model } = await complete("let a = █", server);
    assert.deepEqual(
      [text, reason, model],
      ["far;", "generated", "far @ away"],
    );
    const [{ prompt, options }] = asked as [(typeof asked)[0]];
    assert.deepEqual([prompt.text, prompt.start], ["let a = ", 8]);
    assert.equal(options.trigger, "automatic");
    assert.ok(options.minConfidence > 0.2);
  });

  it("is not asked where the text may not leave, is off, or the place is refused", async () => {
    const { server, asked } = source("far;");
    assert.equal((await complete("let a = █", server, {})).text, "local;");
    const off = source("far;", false);
    assert.equal((await complete("let a = █", off.server)).text, "local;");
    const excluded = {
      mayLeave: () => true,
      refusedAccess: "excluded",
    } as const;
    const { reason } = await complete("let a = █", server, excluded);
    assert.equal(reason, "excluded");
    assert.deepEqual([asked, off.asked], [[], []]);
  });

  it("leaves it to the local model, if that is there", async () => {
    const { server } = source(undefined);
    const local = await complete("let a = █", server);
    assert.deepEqual([local.text, local.model], ["local;", undefined]);
    const none = await complete("let a = █", server, undefined, false);
    assert.equal(none.reason, "model loading");
  });

  it("keeps the reason of the rule that leaves nothing of it", async () => {
    const { text, reason } = await complete("f(█)", source(")").server);
    assert.deepEqual([text, reason], ["", "repeats what follows"]);
  });

  it("writes before the local model is loaded", async () => {
    const { server } = source("far;");
    const { text } = await complete("let a = █", server, undefined, false);
    assert.equal(text, "far;");
  });

  const reply = fc
    .array(
      fc.constantFrom(
        "a",
        "b(",
        ")",
        "]",
        "[",
        "{",
        "}",
        '"',
        ", ",
        "\n",
        " ",
        ";",
        "//",
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((parts) => parts.join(""));

  it("shows nothing that does not fit, whatever is written", () =>
    fc.assert(
      fc.asyncProperty(
        reply,
        fc.constantFrom(
          "f(█)",
          'x = "█"',
          "if (█ && b) {",
          "a[█ - 1];",
          "█;",
          "x = █\n}",
        ),
        async (written, place) => {
          const marked = `let y = 1;\n${place}`;
          const { text } = await complete(marked, source(written).server);
          assert.ok(written.startsWith(text));
          const around = contextAt(marked);
          if (around.lineSuffix !== "") {
            assert.ok(!text.includes("\n"));
            assert.ok(keepsBrackets(around, text));
          }
          if (text === "") return;
          const again = {
            text,
            reason: "generated",
            tokens: [],
            timings: noTimings,
          } as const;
          assert.equal(postprocess(again, around).text, text);
        },
      ),
      { numRuns: 300 },
    ));
});
