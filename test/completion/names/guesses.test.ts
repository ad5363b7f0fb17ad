import assert from "node:assert/strict";
import type { NameCandidate } from "../../../src/completion/names/candidates";
import {
  shareRun,
  worthRunning,
  type Guess,
} from "../../../src/completion/names/guesses";
import weights from "../../../src/completion/names/nameWeights.json";
import type { Position } from "../../../src/completion/names/ranking";
import { expecting } from "../../support/expecting";
import { FakeTokenizer } from "../../support/fakeTokenizer";
import { nameCandidate } from "../../support/nameCandidates";

const tokenizer = new FakeTokenizer();
const bytes = (text: string) => Buffer.from(text);
const candidate = (name: string, given: Partial<NameCandidate> = {}) =>
  nameCandidate(name, { before: 1, distance: 50, fitting: 1, ...given });
const namesOf = (guesses: readonly Guess[]) =>
  guesses.map(({ candidate: { name } }) => name);

describe("the names that are worth a run", () => {
  const position: Position = {
    typedLength: 1,
    longerNames: 9,
    isMember: false,
    isDeclaration: false,
    nearest: 50,
    hasEditorMembers: false,
  };
  const worth = (
    candidates: readonly NameCandidate[],
    texts: Readonly<Record<string, number>> = {},
    ...limits: [most?: number, behind?: number]
  ) =>
    namesOf(
      worthRunning(
        expecting(tokenizer, texts),
        tokenizer,
        bytes(""),
        candidates,
        position,
        ...limits,
      ),
    );

  it("are what is typed, then the likeliest of the longer ones", () => {
    const often = candidate("xoften", { before: 40 });
    const seldom = candidate("xseldom");
    const complete = candidate("x", { before: 0 });
    assert.deepEqual(worth([complete, seldom, often]), [
      "x",
      "xoften",
      "xseldom",
    ]);
    // Nothing is healed here, so the network says what comes after the "x"; six names, however unlikely.
    assert.deepEqual(worth([often, seldom], { seldom: 1 }, 6, Infinity), [
      "xseldom",
      "xoften",
    ]);
  });

  it("are six longer ones at the most, and none far behind the likeliest", () => {
    const alike = "abcdefgh".split("").map((end) => candidate(`x${end}`));
    const six = ["xa", "xb", "xc", "xd", "xe", "xf"];
    assert.deepEqual(worth(alike), six);
    assert.deepEqual(worth([candidate("x"), ...alike]), ["x", ...six]);
    // A name of the editor is worth a factor of e^6, and what is behind by e^4 is left out.
    const some = alike.slice(0, 3);
    const named = candidate("xc", { isEditorMember: true });
    const withEditor = (behind?: number) =>
      namesOf(
        worthRunning(
          expecting(tokenizer, {}),
          tokenizer,
          bytes(""),
          [...some.slice(0, 2), named],
          { ...position, hasEditorMembers: true },
          6,
          behind,
        ),
      );
    assert.deepEqual(withEditor(), ["xc"]);
    assert.deepEqual(withEditor(5.9), ["xc"]);
    assert.deepEqual(withEditor(6.1), ["xc", "xa", "xb"]);
    assert.deepEqual(worth(some, {}, 2), ["xa", "xb"]);
    // Equals are not behind.
    assert.deepEqual(worth(some, {}, 6, 0), ["xa", "xb", "xc"]);
  });

  it("are the shorter of two that are as likely", () => {
    const found = worth([candidate("xlongername"), candidate("xab")]);
    assert.deepEqual(found, ["xab", "xlongername"]);
  });

  it("are behind the likeliest by a factor of e^4 at the most", () => {
    // By how much less likely the network has to think the first token.
    const factor = (behind: number) => behind / weights.guess[0]!;
    const worthAt = (behind: number) =>
      namesOf(
        worthRunning(
          expecting(tokenizer, { a: 1 }, { noise: Math.exp(-factor(behind)) }),
          tokenizer,
          bytes(""),
          [candidate("xb"), candidate("xa")],
          position,
        ),
      );
    assert.deepEqual(worthAt(3.9), ["xa", "xb"]);
    assert.deepEqual(worthAt(4.2), ["xa"]);
  });

  it("are looked for among 96 that are likely without the network", () => {
    const often = Array.from({ length: 96 }, (_, i) =>
      candidate(`xa${String.fromCharCode(0x4e00 + i)}`, { before: 9 }),
    );
    const surely = { best: 1 };
    const best = candidate("xbest");
    assert.ok(!worth([...often, best], surely).includes("xbest"));
    assert.equal(worth([...often.slice(1), best], surely)[0], "xbest");
  });
});

describe("the share of what was run", () => {
  const guess = (name: string, probability: number): Guess => ({
    candidate: candidate(name),
    score: Math.log(probability) + 3,
    firstToken: 0,
  });
  const guesses = [guess("a", 0.5), guess("b", 0.3), guess("c", 0.2)];
  const run = (count: number) => guesses.slice(0, count);
  const never = () => assert.fail("nothing is the network's own");
  const near = (share: number, expected: number) =>
    assert.ok(Math.abs(share - expected) < 1e-9, `${share}`);

  it("is one where all were, the network's own word among them or not", () => {
    const own = { candidate: undefined };
    assert.equal(shareRun(guesses, guesses, never), 1);
    assert.equal(shareRun(guesses, [...guesses, own], never), 1);
    assert.equal(shareRun([], [own], never), 1);
  });

  it("is how likely the right one is among them, by the guesses", () => {
    near(shareRun(guesses, run(2), never), 0.8);
    near(shareRun(guesses, run(1), never), 0.5);
    assert.equal(shareRun(guesses, [], never), 0);
  });

  it("counts the network's own word by its guess, where it is no candidate", () => {
    const own = { candidate: undefined };
    const words = [...run(1), own];
    const share = shareRun<(typeof words)[number]>(guesses, words, (word) => {
      assert.equal(word, own);
      return Math.log(0.25) + 3;
    });
    near(share, 0.75 / 1.25);
  });
});
