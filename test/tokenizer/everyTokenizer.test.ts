import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenisedDocument } from "../../src/tokenizer/tokenisedDocument";
import { ByteTokenizer } from "../../src/tokenizer/bytes";
import { NeoxTokenizer } from "../../src/tokenizer/neox";
import {
  bytesOfText,
  encode,
  type Tokenizer,
} from "../../src/tokenizer/tokenizer";
import { WorldTokenizer } from "../../src/tokenizer/world";
import { hostileStrings } from "./support/hostileStrings";
import referenceHashes from "./support/referenceHashes.json";
import {
  hashOfIds,
  referenceTokenizers,
  stored,
} from "./support/referenceTokenizers";
import {
  smallTokenizerJson,
  smallWorldVocabulary,
} from "./support/smallVocabularies";

const tokenizers: [string, () => Tokenizer][] = [
  ["bytes", () => new ByteTokenizer()],
  [
    "a small World vocabulary",
    () => WorldTokenizer.parse(smallWorldVocabulary()),
  ],
  [
    "a small GPT-NeoX vocabulary",
    () => new NeoxTokenizer(smallTokenizerJson()),
  ],
  ...referenceTokenizers.map((reference): [string, () => Tokenizer] => [
    `the official ${reference.kind} vocabulary`,
    () => reference.load(),
  ]),
];

for (const [name, load] of tokenizers) {
  describe(`tokenizer: ${name}`, () => {
    let tokenizer: Tokenizer;
    before(() => void (tokenizer = load()));

    it("is lossless on any bytes", () => {
      fc.assert(
        fc.property(anyBytes(), (bytes) => {
          const tokens = encode(tokenizer, bytes);
          const joined = Buffer.concat(
            tokens.map((token) => tokenizer.bytesOf(token)),
          );
          assert.deepEqual(joined, Buffer.from(bytes));
        }),
        { numRuns: 300 },
      );
    });

    it("looks no further past a piece than it says, and can be taken up at any piece", () => {
      fc.assert(
        fc.property(
          anyBytes(),
          anyBytes(),
          anyBytes(),
          (common, after, other) => {
            const settled = (rest: Uint8Array) => {
              const pieces: unknown[] = [];
              let end = 0;
              for (const piece of tokenizer.pieces(
                Buffer.concat([common, rest]),
              )) {
                end += piece.length;
                if (end + tokenizer.lookahead > common.length) break;
                pieces.push(piece);
              }
              return pieces;
            };
            assert.deepEqual(settled(after), settled(other));
            const [first, ...rest] = tokenizer.pieces(common);
            if (first !== undefined)
              assert.deepEqual(
                [...tokenizer.pieces(common.subarray(first.length))],
                rest,
              );
          },
        ),
        { numRuns: 300 },
      );
    });

    it("gives a document the tokens of a fresh tokenisation after any edits", () => {
      fc.assert(
        fc.property(
          text(),
          fc.array(fc.tuple(fc.nat(), fc.nat(), text(), fc.nat()), {
            maxLength: 6,
          }),
          (start, edits) => {
            const document = new TokenisedDocument(tokenizer, [7], start);
            let now = start;
            for (const [a, b, replacement, asked] of edits) {
              const [from, to] = [a, b]
                .map((n) => n % (now.length + 1))
                .sort((x, y) => x - y) as [number, number];
              document.edit(from, to, replacement);
              now = now.slice(0, from) + replacement + now.slice(to);
              const before = now.slice(0, asked % (now.length + 1));
              const settled = before
                .replace(/[\r\ud800-\udbff]$/, "")
                .replaceAll("\r\n", "\n");
              assert.deepEqual(document.tokensBefore(before.length), [
                7,
                ...encode(tokenizer, bytesOfText(settled)),
              ]);
            }
          },
        ),
        { numRuns: 300 },
      );
    });
  });
}

describe("tokenizers and their references", () => {
  // The vocabularies are not part of this repository.
  const { seed, count } = stored;
  for (const kind of ["world", "neox"] as const) {
    it(`${kind}: ${count} strings have the reference's tokens`, function () {
      const reference = referenceTokenizers.find((each) => each.kind === kind);
      if (reference === undefined) return this.skip();
      const tokenizer = reference.load();
      hostileStrings(seed, count).forEach((string, i) => {
        const hash = hashOfIds(encode(tokenizer, bytesOfText(string)));
        assert.equal(hash, referenceHashes[kind][i], JSON.stringify(string));
      });
    });
  }
});

const hostile = hostileStrings(1, 400);

function text() {
  const halves = ["\ud83d", "\ude00", "\r", "\n"];
  return fc
    .array(
      fc.constantFrom(
        ...hostile.map((string) => string.slice(0, 12)),
        ...halves,
      ),
      { maxLength: 6 },
    )
    .map((all) => all.join(""));
}

/** Text, parts of text cut in the middle of a character, and noise. */
function anyBytes() {
  return fc.oneof(
    text().map(bytesOfText),
    fc.tuple(text(), fc.nat(4), fc.nat(4)).map(([string, from, to]) => {
      const bytes = bytesOfText(string);
      return bytes.subarray(from, Math.max(from, bytes.length - to));
    }),
    fc.uint8Array({ maxLength: 200 }),
  );
}
