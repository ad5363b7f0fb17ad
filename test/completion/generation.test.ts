import assert from "node:assert/strict";
import {
  generate,
  type CompletionModel,
  type Prompt,
} from "../../src/completion/generation";
import type { DecodedToken } from "../../src/completion/suggestion";
import { unlimited } from "../../src/completion/timeBudget";
import { greedy } from "../../src/engine/sampling";
import { encode } from "../../src/tokenizer/tokenizer";
import { endOfText } from "../support/fakeTokenizer";
import {
  fakeLoadedModel,
  FakeModel,
  scripted,
  type FakeModelOptions,
} from "../support/fakeModel";

/** Generates behind a text, with the names of the text if `names` is given. */
function bench(options: FakeModelOptions) {
  const model: CompletionModel = fakeLoadedModel(new FakeModel(options));
  const { tokenizer } = model;
  return {
    tokenizer,
    run: (
      before: string,
      {
        languageId = "plaintext",
        hasNames = false,
        minConfidenceOfNewWord,
        ...prompt
      }: Partial<Prompt> & {
        hasNames?: boolean;
        minConfidenceOfNewWord?: number;
      } = {},
    ) =>
      generate(
        model,
        {
          key: "file:///a",
          tokens: [endOfText, ...encode(tokenizer, Buffer.from(before))],
          startLength: 1,
          before,
          languageId,
          context: {},
          ...(hasNames && {
            names: { languageId, before, after: "", names: [] },
          }),
          ...prompt,
        },
        {
          sampler: greedy,
          stoppingCriteria: [],
          maxTokens: 20,
          minConfidence: 0,
          timeBudget: unlimited,
          whole: "lines",
          signal: new AbortController().signal,
          ...(minConfidenceOfNewWord !== undefined && {
            minConfidenceOfNewWord,
          }),
        },
      ),
  };
}

describe("generation", () => {
  it("counts what was read and written", async () => {
    const { run } = bench({ script: scripted("let a = 1;") });
    const { text, timings } = await run("let a = ");
    assert.equal(text, "1;");
    // The last space is healed, so eight tokens of nine are read, the end of text among them.
    assert.equal(timings.prefillTokens, 8);
    assert.equal(timings.decodeTokens, 3);
    assert.ok(timings.prefillMs >= 0 && timings.decodeMs >= 0);
  });

  it("has to be sure of a word's end that stands nowhere, not of another", async () => {
    // e^5 against 1 of each of 256 others: a token has a probability of a third.
    const certainty = 5;
    const of = async (before: string, minConfidenceOfNewWord?: number) => {
      const { run } = bench({ script: scripted(`${before}tal`), certainty });
      const { text, stop } = await run(before, {
        hasNames: true,
        ...(minConfidenceOfNewWord !== undefined && { minConfidenceOfNewWord }),
      });
      return [text.startsWith("tal"), stop === "not sure enough"];
    };
    assert.deepEqual(await of("x = to", 0.99), [false, true]);
    assert.deepEqual(await of("x = to"), [true, false]);
    assert.deepEqual(await of("total; x = to", 0.99), [true, false]);
  });

  it("begins unlike what was suggested before, whether that began with a name or not", async () => {
    const options = {
      script: scripted("x = first;"),
      others: [scripted("x = second;"), scripted("x = third;")],
      words: ["first", "second", "third"],
    };
    const { tokenizer, run } = bench(options);
    const idOf = (text: string) => encode(tokenizer, Buffer.from(text))[0]!;
    const taken = (text: string, ...tokens: DecodedToken[]) => ({
      text,
      tokens,
    });
    const token = (id: number) => ({ id, logProbability: 0, end: 5 });
    const text = async (...all: Prompt["taken"] & object) =>
      (await run("x =", { taken: all })).text;
    assert.equal(await text(), " first;");
    // "=" is healed, and " " is the first token behind it.
    assert.notEqual((await text(taken(" first;", token(idOf(" ")))))[0], " ");
    const behind = async (...all: Prompt["taken"] & object) =>
      (await run("x = ", { taken: all })).text;
    assert.equal(
      await behind(taken("first;", token(idOf("first")))),
      "second;",
    );
    assert.equal(
      await behind(
        taken("first;", token(-1)),
        taken("second;", token(idOf("second"))),
      ),
      "third;",
    );
  });

  it("of a makefile knows the name that was chosen before its recipe", async () => {
    // The network would indent with spaces.
    const before = "prog: a.o\n\nall: pr";
    const { run } = bench({ script: scripted(`${before}og\n  cc`) });
    const recipe = { languageId: "makefile", hasNames: true };
    assert.match((await run(before, recipe)).text, /^og\n\t/);
    const { text } = await run(before, { languageId: "makefile" });
    assert.match(text, /^og\n\t/);
    const other = await run(before, { hasNames: true });
    assert.equal(other.text, "og\n  cc");
  });

  it("of a makefile knows the text as it is without what was healed", async () => {
    // The line break is healed, and has to come first again.
    const before = "all: a.o\n";
    const { run } = bench({ script: scripted(`${before}  cc`) });
    const { text } = await run(before, { languageId: "makefile" });
    assert.match(text, /^\t/);
  });
});
