import assert from "node:assert/strict";
import fc from "fast-check";
import { NeoxTokenizer } from "../../src/tokenizer/neox";
import { bytesOfText, encode } from "../../src/tokenizer/tokenizer";
import { assertTold } from "../support/toldInChinese";
import { smallTokenizerJson } from "./support/smallVocabularies";

describe("GPT-NeoX tokenizer", () => {
  const tokenizer = new NeoxTokenizer(smallTokenizerJson());
  const lengths = (text: string) =>
    Array.from(tokenizer.pieces(bytesOfText(text)), ({ length }) => length);

  it("joins the pairs that were learnt first", () => {
    assert.deepEqual(encode(tokenizer, bytesOfText("let")), [258]);
    assert.deepEqual(encode(tokenizer, bytesOfText("lein")), [257, 259]);
  });

  it("takes runs of spaces first, the longest that is a token", () => {
    const space = " ".charCodeAt(0) + 1;
    assert.deepEqual(encode(tokenizer, bytesOfText("  let")), [260, 258]);
    assert.deepEqual(
      encode(tokenizer, bytesOfText("     let")),
      [261, 260, 258],
    );
    assert.deepEqual(encode(tokenizer, bytesOfText("    let")), [
      261,
      space,
      258,
    ]);
  });

  it("cuts words with their space, numbers, marks, endings and white space", () => {
    assert.deepEqual(
      lengths("it's 1234 (x)\n\n\ty"),
      [2, 2, 5, 2, 1, 1, 2, 1, 1],
    );
    // White space ends before the runs of spaces.
    assert.deepEqual(lengths("x\n\n  y"), [1, 2, 2, 1]);
  });

  it("has no text for special tokens and takes none for one", () => {
    assert.equal(tokenizer.bytesOf(0).length, 0);
    assert.ok(!encode(tokenizer, bytesOfText("<|endoftext|>")).includes(0));
  });

  it("reads merges as pairs, too", () => {
    const file = smallTokenizerJson();
    file.model.merges = [
      ["l", "e"],
      ["le", "t"],
      ["i", "n"],
    ];
    assert.deepEqual(
      encode(new NeoxTokenizer(file), bytesOfText("let")),
      [258],
    );
  });

  it("cuts a line of 1 MB of letters into bounded pieces", () => {
    const long = lengths("a".repeat(1e6));
    assert.equal(
      long.reduce((a, b) => a + b),
      1e6,
    );
    assert.ok(Math.max(...long) <= 4097);
  });

  it("reads or refuses any damaged file, with a reason", () => {
    const paths = [
      "added_tokens",
      "normalizer",
      "pre_tokenizer",
      "model",
      "model.vocab",
      "model.vocab.A",
      "model.merges",
      "model.merges.1",
      "model.type",
      "added_tokens.0",
      "added_tokens.1.id",
      "added_tokens.1.content",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const file = smallTokenizerJson();
        const keys = path.split(".");
        const last = keys.pop()!;
        let parent = file as unknown as Record<string, unknown>;
        for (const key of keys) parent = parent[key] as Record<string, unknown>;
        parent[last] = value;
        try {
          encode(new NeoxTokenizer(file), bytesOfText("let  it\0"));
        } catch (error) {
          assert.match((error as Error).message, /^it |^its /);
        }
      }),
      { numRuns: 500 },
    );
  });

  type File = ReturnType<typeof smallTokenizerJson>;
  const hostile: [string, (file: File) => unknown, RegExp][] = [
    ["nothing", () => null, /not a BPE/],
    [
      "another model",
      (f) => ({ ...f, model: { type: "Unigram" } }),
      /not a BPE/,
    ],
    [
      "another cut",
      (f) => ({ ...f, pre_tokenizer: { type: "Whitespace" } }),
      /pieces/,
    ],
    ["no cut", (f) => ({ ...f, pre_tokenizer: undefined }), /pieces/],
    [
      "lower-casing",
      (f) => ({ ...f, normalizer: { type: "Lowercase" } }),
      /undone/,
    ],
    [
      "dropout",
      (f) => ({ ...f, model: { ...f.model, dropout: 0.1 } }),
      /dropout/,
    ],
    [
      "no vocabulary",
      (f) => ({ ...f, model: { ...f.model, vocab: 7 } }),
      /merge 0/,
    ],
    ["a missing byte", (f) => (delete f.model.vocab.A, f), /byte 65/],
    ["an id that is none", (f) => ((f.model.vocab.A = -1), f), /"A"/],
    [
      "an id that is no number",
      (f) => Object.assign(f.model.vocab, { A: "1" }) && f,
      /"A"/,
    ],
    ["an absurd id", (f) => ((f.model.vocab.A = 2 ** 40), f), /"A"/],
    ["an id twice", (f) => ((f.model.vocab.A = 5), f), /id 5/],
    ["letters of no byte", (f) => ((f.model.vocab["中"] = 300), f), /alphabet/],
    [
      "merges that are none",
      (f) => ({ ...f, model: { ...f.model, merges: {} } }),
      /merges/,
    ],
    ["a merge of one", (f) => (f.model.merges.push("le"), f), /merge 3/],
    [
      "a merge of nothing known",
      (f) => (f.model.merges.push("x y"), f),
      /merge 3/,
    ],
    ["a merge twice", (f) => (f.model.merges.push("l e"), f), /merge 3.*twice/],
    [
      "an added word",
      (f) => ((f.added_tokens[1]!.content = "foo"), f),
      /"foo"/,
    ],
    ["a gap in the runs", (f) => (f.added_tokens.splice(1, 1), f), /lack.* 2/],
  ];
  for (const [what, change, reason] of hostile) {
    it(`refuses a file with ${what}`, () => {
      assert.throws(
        () => new NeoxTokenizer(change(smallTokenizerJson())),
        (error: Error) => {
          assertTold(error);
          assert.match(error.message, reason);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
    });
  }
});
