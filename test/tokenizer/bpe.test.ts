import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { BpeTokenizer } from "../../src/tokenizer/bpe";
import { bytesOfText, encode } from "../../src/tokenizer/tokenizer";
import { tinyTokenizer } from "../support/tinyModel";

const joined = (tokenizer: BpeTokenizer, tokens: number[]) =>
  Buffer.concat(tokens.map((token) => tokenizer.bytesOf(token)));

describe("byte-level BPE", () => {
  const tokenizer = new BpeTokenizer(tinyTokenizer);

  it("applies the merge that was learnt first, leftmost first", () => {
    // l+e is 264, le+t is 265, i+n is 266.
    assert.deepEqual(encode(tokenizer, bytesOfText("let in")), [
      265,
      8 + 0x20,
      266,
    ]);
    assert.deepEqual(encode(tokenizer, bytesOfText("lele")), [264, 264]);
  });

  it("is lossless on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        assert.deepEqual(
          joined(tokenizer, encode(tokenizer, bytes)),
          Buffer.from(bytes),
        );
      }),
    );
  });

  it("cuts between the line end with its indentation, words, digits and punctuation", () => {
    const text = "if (x42 == 12345) {\r\n\t\treturn naïve;\n}\n\n";
    const lengths = [...tokenizer.pieces(bytesOfText(text))].map(
      ({ length }) => length,
    );
    let at = 0;
    const cut = lengths.map((length) =>
      bytesOfText(text)
        .subarray(at, (at += length))
        .toString(),
    );
    assert.deepEqual(
      cut.map(String),
      "if| (|x|42| ==| |123|45|)| {|\r\n\t\t|return| naïve|;|\n|}|\n|\n"
        .split("|")
        .map((piece) => {
          return String(bytesOfText(piece));
        }),
    );
  });

  it("cuts a line of 10 MB into bounded pieces", () => {
    let total = 0;
    let longest = 0;
    for (const { length } of tokenizer.pieces(Buffer.alloc(10_000_000, "a"))) {
      total += length;
      longest = Math.max(longest, length);
    }
    assert.equal(total, 10_000_000);
    assert.ok(longest <= 66, `a piece has ${longest} bytes`);
  });

  it("looks no further past a piece than it says", () => {
    fc.assert(
      fc.property(
        hostileText(),
        hostileText(),
        hostileText(),
        (before, after, other) => {
          const common = bytesOfText(before);
          const pieces = (rest: string) => {
            let end = 0;
            const settled: unknown[] = [];
            for (const piece of tokenizer.pieces(
              Buffer.concat([common, bytesOfText(rest)]),
            )) {
              end += piece.length;
              if (end + tokenizer.lookahead > common.length) break;
              settled.push(piece);
            }
            return settled;
          };
          assert.deepEqual(pieces(after), pieces(other));
        },
      ),
    );
  });

  it("has the tokens that the trainer's tokenizer has", () => {
    const training = join(__dirname, "../../training");
    const read = (path: string): unknown =>
      JSON.parse(readFileSync(join(training, path), "utf8"));
    const ours = new BpeTokenizer(read("tokenizer.json"));
    const cases = read("tests/tokenizer-cases.json") as [string, number[]][];
    assert.ok(cases.length >= 200);
    for (const [hex, tokens] of cases) {
      assert.deepEqual(encode(ours, Buffer.from(hex, "hex")), tokens, hex);
    }
  });

  it("refuses a damaged file with its reason", () => {
    const damaged: [unknown, RegExp][] = [
      [null, /format/],
      [{ ...tinyTokenizer, version: 2 }, /version/],
      [{ ...tinyTokenizer, merges: "many" }, /merges/],
      [{ ...tinyTokenizer, merges: [[5, 9]] }, /merge 0/],
      [{ ...tinyTokenizer, merges: [[8, 264]] }, /merge 0/],
      [{ ...tinyTokenizer, merges: [[8, 9, 10]] }, /merge 0/],
    ];
    for (const [file, reason] of damaged)
      assert.throws(() => new BpeTokenizer(file), reason);
  });
});

/** Text of the characters that pieces are cut by. */
function hostileText() {
  return fc
    .array(
      fc.constantFrom(
        "a",
        "let",
        " ",
        "  ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "9",
        "123",
        "(",
        "=>",
        "é",
        "中",
        "😀",
      ),
      {
        maxLength: 30,
      },
    )
    .map((parts) => parts.join(""));
}
