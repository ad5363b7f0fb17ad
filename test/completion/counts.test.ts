import assert from "node:assert/strict";
import { Completer } from "../../src/completion/completer";
import { Runner } from "../../src/completion/runner";
import { PromptWindow } from "../../src/runtime/promptWindow";
import { contextAt, cursor } from "../support/cursor";
import { fakeLoadedModel, FakeModel, scripted } from "../support/fakeModel";

/*
 * Counts that stand for speed: what one suggestion and one keystroke cost in runs of the network and
 * in tokens. The fake tokenizer has a token a byte, and 16 of them go into a run.
 */
describe("counts of runs and tokens", () => {
  const above = `${"a = 1;\n".repeat(40)}`;
  const text = `${above}const answer = 42;\n`;

  it("runs a prompt once, in runs of 16, then once a token", async () => {
    const { model, suggest } = bench(text);
    const { text: shown, timings } = await suggest(`${above}const answer = `);
    assert.equal(shown, "42;");
    // 19 runs bring the state to keep, one more reads the last token, and five write. The draft
    // behind " = ", where "1;" came before, is wrong and costs its four tokens and a repeated one.
    assert.deepEqual([timings.prefillTokens, timings.decodeTokens], [295, 5]);
    assert.deepEqual([model.runs, model.tokens], [19 + 1 + 5, 295 + 5 + 5]);
  });

  it("runs four more tokens at once where the text repeats itself", async () => {
    const line = "const answer = 42;\n";
    const { model, suggest } = bench(above + line + line);
    const { text: shown, timings } = await suggest(`${above}${line}const `);
    assert.equal(shown, "answer = 42;");
    assert.deepEqual([timings.prefillTokens, timings.decodeTokens], [305, 14]);
    // 19 runs and one for the prompt; each run that writes reads four tokens ahead, all of them right.
    assert.deepEqual([model.runs, model.tokens], [20 + 3, 305 + 3 * 5]);
  });

  it("runs two tokens again for a keystroke at most, then once a token", async () => {
    const { model, suggest } = bench(text, `${above}const (other);\n`);
    await suggest(`${above}const `);
    const { runs, tokens } = model;
    const { text: shown, timings } = await suggest(`${above}const (`);
    assert.equal(shown, "other);");
    assert.deepEqual([timings.prefillTokens, timings.decodeTokens], [3, 9]);
    assert.deepEqual([model.runs - runs, model.tokens - tokens], [11, 12]);
  });

  it("runs nothing while a suggestion is typed", async () => {
    const { model, suggest } = bench(text);
    await suggest(`${above}const `);
    const { runs } = model;
    for (const typed of ["a", "an", "ans"]) {
      const { reason } = await suggest(`${above}const ${typed}`);
      assert.equal(reason, "typed through");
    }
    assert.equal(model.runs, runs);
  });
});

function bench(...texts: string[]) {
  const model = new FakeModel({ script: scripted(...texts) });
  const loaded = fakeLoadedModel(model);
  const completer = new Completer(new Runner());
  const suggest = (before: string) => {
    const window = new PromptWindow(model.tokenizer, loaded.documentStart(""));
    return completer.complete(
      contextAt(before + cursor),
      () => ({ model: loaded, window }),
      new AbortController().signal,
    );
  };
  return { model, suggest };
}
