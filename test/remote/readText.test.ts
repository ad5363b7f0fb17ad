import assert from "node:assert/strict";
import { suggestionCriteria } from "../../src/completion/stopping";
import type { Piece } from "../../src/remote/kind";
import { readText, type ReadOptions } from "../../src/remote/readText";
import { between } from "../support/cursor";

const around = between("const a = ", "");

/** Reads pieces; `took` tells how many of them were taken. */
async function read(
  texts: readonly (string | [string, number])[],
  given: Partial<ReadOptions> = {},
) {
  let took = 0;
  async function* pieces(): AsyncGenerator<Piece> {
    for (const each of texts) {
      await Promise.resolve();
      took++;
      const [text, logProbability] =
        typeof each === "string" ? [each, undefined] : each;
      yield { text, logProbability, end: undefined };
    }
    yield { text: "", logProbability: undefined, end: "complete" };
  }
  const never = new AbortController().signal;
  const seen: string[] = [];
  const decoded = await readText(pieces(), {
    healed: "",
    stoppingCriteria: suggestionCriteria(around, 8),
    maxTokens: 64,
    minConfidence: 0.4,
    whole: "lines",
    timeout: never,
    signal: never,
    onText: (text) => seen.push(text),
    ...given,
  });
  return { ...decoded, isUndefined: decoded === undefined, took, seen };
}

describe("a streamed reply", () => {
  it("is the text of its pieces, with their probabilities", async () => {
    const { text, stop, tokens, seen } = await read([
      ["fo", -0.1],
      ["o(", -0.2],
      [");", 0],
    ]);
    assert.deepEqual([text, stop], ["foo();", "end of text"]);
    assert.deepEqual(
      tokens!.map(({ logProbability, end }) => [logProbability, end]),
      [
        [-0.1, 2],
        [-0.2, 4],
        [0, 6],
      ],
    );
    assert.deepEqual(seen, ["fo", "foo(", "foo();"]);
  });

  it("ends behind the last word that is sure enough, and reads no further", async () => {
    const { text, stop, took } = await read([
      ["foo", -0.1],
      [".ba", -0.3],
      ["r", -2],
      ["x", 0],
    ]);
    assert.deepEqual([text, stop, took], ["foo.", "not sure enough", 3]);
  });

  it("has to begin with what is typed already, whose probability does not count", async () => {
    const typed = { healed: " val" };
    const right = await read(
      [
        [" v", -5],
        ["al", -5],
        ["ue;", -0.1],
      ],
      typed,
    );
    assert.deepEqual([right.text, right.tokens?.length], ["ue;", 1]);
    const wrong = await read([" v", "oid;", "more"], typed);
    assert.ok(wrong.isUndefined);
    assert.equal(wrong.took, 2);
    assert.ok((await read([" va"], typed)).isUndefined);
    assert.equal((await read([" val"], typed)).text, "");
  });

  it("has no probability where one of its pieces has none, and then one line", async () => {
    const { text, tokens, stop } = await read([["a;", -0.1], "\nb;"]);
    assert.deepEqual([text, tokens, stop], ["a;", [], "end of line"]);
    const asked = await read(["a;\nb;"], {
      minConfidence: 0,
      stoppingCriteria: [],
    });
    assert.equal(asked.text, "a;\nb;");
  });

  it("ends with its block, without CR, before a broken character", async () => {
    assert.equal((await read(["a;\r", "\nb"])).text, "a;");
    assert.equal((await read(["a", "\ufffd", "b"])).text, "a");
    assert.equal((await read(["a\ud83d", "\ude00"])).text, "a😀");
    assert.equal((await read(["a\ud83d"])).text, "a");
  });

  it("ends with the last whole word at the limit of tokens", async () => {
    const { text, stop } = await read(["foo", " ba", "r"], { maxTokens: 2 });
    assert.deepEqual([text, stop], ["foo ", "token limit"]);
  });

  it("keeps what is whole when time is up or the connection breaks", async () => {
    async function* broken(): AsyncGenerator<Piece> {
      await Promise.resolve();
      yield { text: "foo.ba", logProbability: undefined, end: undefined };
      throw new Error("gone");
    }
    const options: ReadOptions = {
      healed: "",
      stoppingCriteria: [],
      maxTokens: 9,
      minConfidence: 0,
      whole: "words",
      timeout: new AbortController().signal,
      signal: new AbortController().signal,
      onText: () => undefined,
    };
    const lost = await readText(broken(), options);
    assert.deepEqual([lost?.text, lost?.stop], ["foo.", "connection lost"]);
    const timeout = AbortSignal.abort();
    const late = await readText(broken(), { ...options, timeout });
    assert.deepEqual([late?.text, late?.stop], ["foo.", "time budget"]);
    await assert.rejects(
      readText(broken(), { ...options, healed: "foo.ba" }),
      /gone/,
    );
  });
});
