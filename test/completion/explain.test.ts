import assert from "node:assert/strict";
import { explain, type TokenOrigin } from "../../src/completion/explain";
import { NoSuggestion } from "../../src/completion/reasons";
import { encode } from "../../src/tokenizer/tokenizer";
import { endOfText } from "../support/fakeTokenizer";
import {
  fakeLoadedModel,
  FakeModel,
  scripted,
  type FakeModelOptions,
} from "../support/fakeModel";

function explained(
  options: FakeModelOptions,
  before: string,
  text: string,
  { selectedText = "", signal = new AbortController().signal } = {},
): Promise<TokenOrigin[]> {
  const model = fakeLoadedModel(new FakeModel(options));
  const { tokenizer } = model;
  const tokens = [endOfText, ...encode(tokenizer, Buffer.from(before))];
  const context = {};
  return explain(
    model,
    { key: "a", tokens, startLength: 1, selectedText, text, context },
    signal,
  );
}
const textsOf = (origins: readonly TokenOrigin[]) =>
  origins.map(({ text }) => text);

describe("the explanation of a text", () => {
  it("has a part of it for each token, and what each is likely", async () => {
    const script = scripted("let a = one(2);");
    const origins = await explained(
      { script, words: ["one"] },
      "let a = ",
      "one(3);",
    );
    assert.deepEqual(textsOf(origins), ["one", "(", "3", ")", ";"]);
    assert.deepEqual(
      origins.map(({ probability }) => Math.round(probability)),
      // The network expected "2", and does not know how to go on behind another number.
      [1, 1, 0, 0, 0],
    );
    // Nothing is copied without a gate.
    for (const { network, copied, idiom, passage } of origins)
      assert.deepEqual([network, copied, idiom, passage], [1, 0, 0, undefined]);
  });

  it("leaves out what is typed, and counts among the tokens that go on with it", async () => {
    const script = scripted("x = returned;");
    const options = { script, words: ["ret", "return", "urn"], certainty: 4 };
    const origins = await explained(options, "x = retu", "rn;");
    // "return" begins before the text, of which it is "rn".
    assert.deepEqual(textsOf(origins), ["rn", ";"]);
    // e^4 against 1 for each other token: "r" and "ret" agree with what is typed as well.
    const expected = Math.exp(4) / (Math.exp(4) + 2);
    assert.ok(Math.abs(origins[0]!.probability - expected) < 1e-3);
    // ";" is one of all the tokens.
    assert.ok(origins[1]!.probability < 0.01);
  });

  it("counts a token within which the text ends, but none that goes on with its word", async () => {
    const likely = async (script: string, text: string) => {
      const words = ["one", "ones", "one)"];
      const origins = await explained(
        { script: scripted(`f(${script}`), words },
        "f(",
        text,
      );
      return Math.round(origins.at(-1)!.probability);
    };
    assert.equal(await likely("one)", "one"), 1);
    assert.equal(await likely("ones", "one"), 0);
  });

  it("begins behind an item that is selected in the list", async () => {
    const origins = await explained(
      { script: scripted("x.foo(1)") },
      "x.",
      "(1)",
      { selectedText: "foo" },
    );
    assert.deepEqual(textsOf(origins), ["(", "1", ")"]);
    for (const { probability } of origins) assert.ok(probability > 0.99);
  });

  it("gives a character of several tokens to the last of them", async () => {
    const origins = await explained(
      { script: scripted("x = é;") },
      "x = ",
      "é;",
    );
    assert.deepEqual(textsOf(origins), ["", "é", ";"]);
  });

  it("ends when it is told to", async () => {
    const reason = new NoSuggestion("cancelled");
    const abort = new AbortController();
    let steps = 0;
    const onStep = () => {
      if (++steps === 5) abort.abort(reason);
    };
    await assert.rejects(
      explained(
        { script: scripted("x = one, two, three"), onStep },
        "x = ",
        "one, two, three",
        { signal: abort.signal },
      ),
      reason,
    );
    assert.ok(steps < 8, `${steps}`);
  });
});
