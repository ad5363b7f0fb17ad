import assert from "node:assert/strict";
import type { NameCandidate } from "../../../src/completion/names/candidates";
import type { Guess } from "../../../src/completion/names/guesses";
import { likeliest, positionOf } from "../../../src/completion/names/ranking";
import { wordsAt } from "../../../src/completion/names/words";
import { NoSuggestion } from "../../../src/completion/reasons";
import { unlimited } from "../../../src/completion/timeBudget";
import { expecting } from "../../support/expecting";
import { FakeTokenizer } from "../../support/fakeTokenizer";
import { nameCandidate } from "../../support/nameCandidates";

const tokenizer = new FakeTokenizer();
const bytes = (text: string) => Buffer.from(text);
const never = new AbortController().signal;
const candidate = (name: string) =>
  nameCandidate(name, { before: 1, distance: 50, fitting: 1 });
/** The later, the less likely. */
const guesses = (candidates: readonly NameCandidate[]): Guess[] =>
  candidates.map((candidate, i) => ({ candidate, score: -i, firstToken: 0 }));

describe("the words that a name may become", () => {
  const words = async (
    typed: string,
    texts: Readonly<Record<string, number>>,
    candidates: readonly NameCandidate[],
  ) =>
    (
      await wordsAt(
        expecting(tokenizer, texts),
        tokenizer,
        bytes(typed),
        typed,
        guesses(candidates),
        { signal: never, timeBudget: unlimited },
      )
    ).run.map(({ candidate: of, rest, isOwn, isComplete, logProbability }) => ({
      name: of?.name,
      rest: Buffer.from(rest).toString(),
      isOwn,
      isComplete,
      percent: Math.round(100 * Math.exp(logProbability)),
    }));

  it("are the candidates, and the network's own where it is none of them", async () => {
    const texts = { "total;": 0.7, "toast;": 0.3 };
    assert.deepEqual(
      await words("to", texts, [candidate("to"), candidate("toast")]),
      [
        {
          name: undefined,
          rest: "tal",
          isOwn: true,
          isComplete: false,
          percent: 70,
        },
        {
          name: "to",
          rest: "",
          isOwn: false,
          isComplete: true,
          percent: 0,
        },
        {
          name: "toast",
          rest: "ast",
          isOwn: false,
          isComplete: false,
          percent: 30,
        },
      ],
    );
  });

  it("have the network's own once where it is a candidate", async () => {
    const texts = { "total;": 0.7, "toast;": 0.3 };
    const found = await words("to", texts, [
      candidate("total"),
      candidate("toast"),
    ]);
    assert.deepEqual(
      found.map(({ name, isOwn }) => [name, isOwn]),
      [
        ["total", true],
        ["toast", false],
      ],
    );
  });

  it("are run once each", async () => {
    const continuation = expecting(tokenizer, { "total;": 0.7, "toast;": 0.3 });
    const candidates = guesses([candidate("total"), candidate("toast")]);
    const prefix = bytes("to");
    await wordsAt(continuation, tokenizer, prefix, "to", candidates, {
      signal: never,
      timeBudget: unlimited,
    });
    // Five letters of each: the first is the network's own, too.
    assert.equal(continuation.pushes.length, 10);
  });

  it("are the likeliest, where there is time for some runs alone", async () => {
    const texts = { "total;": 0.7, "toast;": 0.3 };
    const of = async (runs: number) => {
      const continuation = expecting(tokenizer, texts);
      // Two runs are left for the text behind.
      const affords = (wanted: number) => wanted <= runs + 2 && runs-- > 0;
      const found = await wordsAt(
        continuation,
        tokenizer,
        bytes("to"),
        "to",
        ["to", "toast", "tower", "total"].map((name, i) => ({
          candidate: candidate(name),
          score: [1, 3, 2, 0][i]!,
          firstToken: 0,
        })),
        { signal: never, timeBudget: { affords } },
      );
      return found.run.map((word) => word.candidate?.name);
    };
    // The network's own is always run.
    assert.deepEqual(await of(0), ["total"]);
    assert.deepEqual(await of(1), ["total", "toast"]);
    assert.deepEqual(await of(2), ["total", "toast", "tower"]);
    assert.deepEqual(await of(3), ["total", "toast", "tower", "to"]);
  });

  it("are not run where another word is clearly likelier, and count by an estimate", async () => {
    const continuation = expecting(tokenizer, {
      "total;": 0.98,
      "tower;": 0.02,
    });
    const names = [candidate("total"), candidate("toast"), candidate("tower")];
    const position = positionOf(
      { typed: "to", before: "to", after: "" },
      names,
    );
    const firstToken = (name: string) => (name === "toast" ? -30 : -0.1);
    const { run, behind } = await wordsAt(
      continuation,
      tokenizer,
      bytes("to"),
      "to",
      names.map((candidate, i) => ({
        candidate,
        score: -i,
        firstToken: firstToken(candidate.name),
      })),
      { signal: never, timeBudget: unlimited, position },
    );
    assert.deepEqual(
      run.map((word) => word.candidate?.name),
      ["total", "tower"],
    );
    assert.deepEqual(
      behind.map((word) => word.candidate?.name),
      ["toast"],
    );
    assert.ok(behind[0]!.logProbability < -30);
    const alone = likeliest(run, position)!;
    const beside = likeliest(run, position, behind)!;
    assert.equal(beside.word, alone.word);
    assert.ok(beside.probability < alone.probability);
  });

  it("are not run any more once nobody waits", async () => {
    const reason = new NoSuggestion("cancelled");
    await assert.rejects(
      wordsAt(
        expecting(tokenizer, { "total;": 1 }),
        tokenizer,
        bytes("to"),
        "to",
        guesses([candidate("toast")]),
        { signal: AbortSignal.abort(reason), timeBudget: unlimited },
      ),
      reason,
    );
  });
});
