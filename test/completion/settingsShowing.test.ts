import assert from "node:assert/strict";
import fc from "fast-check";
import { settingsShowing } from "../../src/completion/settingsShowing";
import {
  confidenceOf,
  type DecodedToken,
  type Suggestion,
} from "../../src/completion/suggestion";
import { Completer } from "../../src/completion/completer";
import { Runner } from "../../src/completion/runner";
import type { Suggestions } from "../../src/protocol";
import { PromptWindow } from "../../src/runtime/promptWindow";
import { contextAt } from "../support/cursor";
import { fakeLoadedModel, FakeModel, scripted } from "../support/fakeModel";
import { suggestionOf } from "../support/suggestions";

const settings = ["often", "balanced", "rare"] as const;

/** A generated text of these tokens, each with its probability. */
function made(
  parts: readonly (readonly [text: string, probability: number])[],
  first: Partial<DecodedToken> = {},
): Suggestion {
  let text = "";
  const tokens = parts.map(([part, probability], i) => ({
    id: i,
    logProbability: Math.log(probability),
    end: (text += part).length,
    ...(i === 0 && first),
  }));
  return { ...suggestionOf(text), tokens };
}

describe("the settings that show a text", () => {
  it("are those whose least probability its first word has", () => {
    for (const [probability, expected] of [
      [0.2, []],
      [0.3, ["often"]],
      [0.6, ["often", "balanced"]],
      [0.75, ["often", "balanced", "rare"]],
    ] as const) {
      const text = made([
        ["value", probability],
        [".first", 0.1],
      ]);
      const withheld = settingsShowing(text, "rare", false);
      assert.deepEqual(
        withheld,
        expected.filter((each) => each !== "rare"),
      );
      assert.deepEqual(settingsShowing(text, "often", true), [
        ...new Set(["often", ...expected]),
      ]);
    }
  });

  it("have to be surer of a character or two, of a word that stands nowhere and of several lines", () => {
    const shown = (...given: Parameters<typeof made>) =>
      settingsShowing(made(...given), "rare", false);
    assert.deepEqual(shown([[");", 0.6]]), ["often"]);
    assert.deepEqual(shown([["word", 0.6]], { isNewWord: true }), ["often"]);
    assert.deepEqual(shown([["word", 0.4]], { isNewWord: true }), []);
    assert.deepEqual(shown([["word", 0.6]]), ["often", "balanced"]);
    assert.deepEqual(shown([["\n  word", 0.6]]), []);
  });

  it("do not show the first part of a word alone", () => {
    const word = made([
      ["val", 0.9],
      ["ue", 0.4],
    ]);
    assert.deepEqual(settingsShowing(word, "rare", false), ["often"]);
  });

  it("show what has no probabilities, all of them", () => {
    assert.deepEqual(
      settingsShowing(suggestionOf("word"), "often", true),
      settings,
    );
  });

  it("are right about settings that show less, and leave out none that shows a word more", async () => {
    const names = ["first", "second", "value", "vector"];
    const places = fc.record({
      certainty: fc.double({ min: 4.5, max: 9, noNaN: true }),
      // How a character or two would have gone on is not known.
      text: fc
        .tuple(
          fc.constantFrom(...names),
          fc.array(fc.constantFrom(...names, ".", "(", ")", " ", ";"), {
            maxLength: 5,
          }),
        )
        .map(([name, parts]) => name + parts.join("")),
      known: fc.constantFrom("", "value; first;\n"),
      typed: fc.constantFrom("x = ", "x = v", "x = value."),
    });
    let withheld = 0;
    await fc.assert(
      fc.asyncProperty(places, async ({ certainty, text, known, typed }) => {
        const at = async (setting: Suggestions) => {
          const script = scripted(`${known}${typed}${text}\n`);
          const model = new FakeModel({ script, words: names, certainty });
          const loaded = fakeLoadedModel(model);
          const window = new PromptWindow(
            model.tokenizer,
            loaded.documentStart(""),
          );
          return new Completer(new Runner()).complete(
            contextAt(`${known}${typed}█`, {
              settings: { suggestions: setting },
            }),
            () => ({ model: loaded, window }),
            new AbortController().signal,
          );
        };
        const by = new Map(
          await Promise.all(
            settings.map(async (each) => [each, await at(each)] as const),
          ),
        );
        const isShown = (each: Suggestions) => by.get(each)!.text !== "";
        for (const [present, suggestion] of by) {
          if (suggestion.text !== "") {
            const less = settings.slice(settings.indexOf(present));
            const told = settingsShowing(suggestion, present, true);
            assert.deepEqual(
              less.filter((each) => told.includes(each)),
              less.filter(isShown),
              `${present}: ${confidenceOf(suggestion)}`,
            );
          } else if (suggestion.reason === "not sure enough") {
            const other = suggestion.withheld?.();
            const told = other?.settings ?? [];
            const more = settings.slice(0, settings.indexOf(present));
            for (const each of more.filter(isShown)) {
              const { text: shown } = by.get(each)!;
              withheld++;
              assert.ok(told.includes(each), `${present}: ${each}`);
              const { text: kept } = other!;
              const both = Math.min(shown.length, kept.length);
              assert.equal(kept.slice(0, both), shown.slice(0, both));
            }
            assert.ok(!told.some((each) => !more.includes(each)));
          }
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(withheld > 0, "some are withheld");
  });
});
