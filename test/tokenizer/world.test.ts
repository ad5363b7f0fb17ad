import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesOfText, encode } from "../../src/tokenizer/tokenizer";
import { formatVocabulary, WorldTokenizer } from "../../src/tokenizer/world";
import { assertTold } from "../support/toldInChinese";
import { smallWorldVocabulary } from "./support/smallVocabularies";

describe("RWKV World tokenizer", () => {
  const vocabulary = smallWorldVocabulary();
  const tokenizer = WorldTokenizer.parse(vocabulary);

  it("takes the longest token, again and again", () => {
    const ids = (text: string) => encode(tokenizer, bytesOfText(text));
    assert.deepEqual(ids("let return"), [257, 259]);
    assert.deepEqual(
      ids("retur"),
      [..."retur"].map((c) => c.charCodeAt(0) + 1),
    );
    assert.deepEqual(ids("it's\n\n中文"), [261, 264, 262]);
    // 中 alone: its first two bytes are a token, the third stands by itself.
    assert.deepEqual(ids("中"), [263, 0xad + 1]);
    assert.deepEqual(ids("\u200b"), [265]);
  });

  it("says how far a search looks beyond a token", () => {
    // " retur" is read up to the byte that is not an n; the token found is " ".
    assert.equal(tokenizer.lookahead, 6);
  });

  it("has no text for the end of a document", () => {
    assert.equal(tokenizer.bytesOf(0).length, 0);
    assert.equal(tokenizer.vocabularySize, 266);
    assert.throws(() => tokenizer.bytesOf(266), /266/);
  });

  it("writes a vocabulary file that it reads back the same", () => {
    const tokens = Array.from({ length: 265 }, (_, i) => ({
      id: i + 1,
      bytes: tokenizer.bytesOf(i + 1),
    }));
    const again = WorldTokenizer.parse(formatVocabulary(tokens));
    for (const { id, bytes } of tokens)
      assert.deepEqual(Buffer.from(again.bytesOf(id)), Buffer.from(bytes));
  });

  it("reads or refuses any damaged file, with a reason", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(40), fc.string(), (at, cut, inserted) => {
        const start = at % vocabulary.length;
        const file =
          vocabulary.slice(0, start) + inserted + vocabulary.slice(start + cut);
        try {
          encode(WorldTokenizer.parse(file), bytesOfText("it's a return\0"));
        } catch (error) {
          assert.match((error as Error).message, /vocabulary/);
        }
      }),
      { numRuns: 300 },
    );
  });

  const hostile: [string, string, RegExp][] = [
    ["nothing", "", /no token for the byte 0/],
    ["no byte 255", vocabulary.replace(/^256 .*\n/m, ""), /byte 255/],
    ["a line of prose", `${vocabulary}hello\n`, /line 266.*form/],
    [
      "code instead of a literal",
      `${vocabulary}266 print(1) 8\n`,
      /line 266.*quoted/,
    ],
    [
      "code behind a literal",
      `${vocabulary}266 'a'+'b' 2\n`,
      /line 266.*middle/,
    ],
    ["a quote left open", `${vocabulary}266 'abc\\' 4\n`, /line 266.*escape/],
    [
      "an unknown escape",
      `${vocabulary}266 '\\N{BULLET}' 3\n`,
      /line 266.*\\N/,
    ],
    ["half an escape", `${vocabulary}266 b'\\xf' 1\n`, /line 266.*\\x/],
    ["a surrogate", `${vocabulary}266 '\\ud800' 3\n`, /d800.*does not exist/],
    ["a wrong length", `${vocabulary}266 'abc' 4\n`, /3 bytes, not 4/],
    ["an id twice", `${vocabulary}265 'abc' 3\n`, /two tokens.*265/],
    ["a token twice", `${vocabulary}266 'let' 3\n`, /266.*twice/],
    ["id 0", `${vocabulary}0 'abc' 3\n`, /id 0/],
    ["an absurd id", `${vocabulary}999999999 'abc' 3\n`, /id 999999999/],
    ["an empty token", `${vocabulary}266 '' 0\n`, /266 .*empty/],
    [
      "an endless token",
      `${vocabulary}266 '${"a".repeat(5000)}' 5000\n`,
      /too long/,
    ],
  ];
  for (const [what, file, reason] of hostile) {
    it(`refuses a file with ${what}`, () => {
      assert.throws(
        () => WorldTokenizer.parse(file),
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
