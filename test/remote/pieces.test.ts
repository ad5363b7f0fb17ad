import assert from "node:assert/strict";
import fc from "fast-check";
import type { ServerKind } from "../../src/remote/kind";
import { LlamaCpp } from "../../src/remote/llamaCpp";
import { OpenAi } from "../../src/remote/openAi";

const llamaCpp = new LlamaCpp("m", undefined, false);
const openAi = new OpenAi("m", undefined, false, true);

/** Log-probabilities in the shapes that servers give them, and what they come to. */
const shapes: readonly [ServerKind, string, unknown, number | undefined][] = [
  [llamaCpp, "of a token", [{ logprob: -0.5 }], -0.5],
  [llamaCpp, "of several", [{ logprob: -0.5 }, { logprob: -1 }], -1.5],
  [llamaCpp, "just above 0", [{ logprob: 1e-7 }], 0],
  [llamaCpp, "none", [], undefined],
  [llamaCpp, "of older versions", [{ probs: [{ prob: 0.5 }] }], undefined],
  [llamaCpp, "probabilities", [{ logprob: 0.5 }], undefined],
  [llamaCpp, "words", [{ logprob: "-0.5" }], undefined],
  [llamaCpp, "null", null, undefined],
  [llamaCpp, "an object", { logprob: -0.5 }, undefined],
  [openAi, "of a token", { token_logprobs: [-0.5] }, -0.5],
  [openAi, "of several", { token_logprobs: [-0.5, -1] }, -1.5],
  [openAi, "of chats", { content: [{ logprob: -0.5 }] }, -0.5],
  [openAi, "a gap", { token_logprobs: [-0.5, null] }, undefined],
  [openAi, "none", { token_logprobs: [] }, undefined],
  [openAi, "of the best alone", { top_logprobs: [{ a: -1 }] }, undefined],
  [openAi, "words", { token_logprobs: ["-1"] }, undefined],
  [openAi, "null", null, undefined],
  [openAi, "a list", [-0.5], undefined],
];

describe("a piece of a server's answer", () => {
  for (const [kind, what, given, sum] of shapes)
    it(`of ${kind.name} with log-probabilities: ${what}`, () => {
      const event =
        kind === llamaCpp
          ? { content: "x", completion_probabilities: given }
          : { choices: [{ text: "x", logprobs: given }] };
      assert.deepEqual(kind.piece(JSON.stringify(event)), {
        text: "x",
        logProbability: sum,
        end: undefined,
      });
    });

  it("is none, or one with a possible probability, whatever comes", () => {
    const names = fc.constantFrom(
      ...["content", "completion_probabilities", "logprob", "choices", "text"],
      ...["logprobs", "token_logprobs", "stop", "stop_type", "finish_reason"],
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.constantFrom(null, true, 0, -1e308, -0.5, 7, "", "limit"),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(names, tie("any"), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (each) => {
        for (const kind of [llamaCpp, openAi]) {
          const piece = kind.piece(JSON.stringify(each));
          if (piece === undefined) continue;
          assert.equal(typeof piece.text, "string");
          assert.ok((piece.logProbability ?? 0) <= 0);
        }
      }),
    );
  });
});
