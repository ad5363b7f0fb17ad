import assert from "node:assert/strict";
import { FileEvaluation } from "../../bench/eval/fileEvaluation";
import {
  bitsOfPart,
  sampleLines,
  tokensOfLine,
} from "../../bench/eval/lineBits";
import { chooseAnyLines } from "../../bench/eval/places";
import type { SourceFile } from "../../bench/eval/sourceFiles";
import { openSubject } from "../../bench/eval/subject";
import { tokensOf } from "../../bench/eval/typist";
import { bytesOfText, type Tokenizer } from "../../src/tokenizer/tokenizer";
import { tinySubject } from "../support/tinySubject";

const { signal } = new AbortController();

/** A vocabulary of a few words; ids are their numbers. */
function tokenizerOf(...words: string[]): Tokenizer {
  const bytes = words.map(bytesOfText);
  return {
    vocabularySize: words.length,
    lookahead: 0,
    pieces: () => [],
    bytesOf: (token) => bytes[token]!,
  };
}

describe("lines drawn for their bits", () => {
  const lines = (text: string) =>
    chooseAnyLines(bytesOfText(text), 1).map(({ start, end }) =>
      Buffer.from(bytesOfText(text)).toString("utf8", start, end),
    );

  it("are lines of all kinds, with their line breaks", () => {
    assert.deepEqual(lines("\n}\n  é\nend"), ["\n", "}\n", "  é\n", "end"]);
    assert.deepEqual(lines("a\n"), ["a\n"]);
  });

  it("are asked for by their first bytes if they are long, and end where they end", () => {
    const text = `a\n${"é".repeat(1000)}\n`;
    const bytes = bytesOfText(text);
    const tokenizer = tokenizerOf("a", "\n", "é");
    const language = "javascript";
    const file = {
      path: "a.js",
      language,
      languageId: language,
      bytes,
      text,
    };
    const tokens = [0, 1, ...Array<number>(1000).fill(2), 1];
    const [short, long] = sampleLines(tokenizer, file, tokens, 0);
    assert.deepEqual([short!.bytes, short!.end], [2, 1]);
    assert.deepEqual([long!.bytes, long!.end], [400, 1002]);
    assert.equal(long!.tokens.length, 200);
  });

  it("are eight of many, each as likely as any other", () => {
    const text = "long line\n\n".repeat(20);
    const counts = { "long line\n": 0, "\n": 0 };
    for (let seed = 0; seed < 200; seed++) {
      const drawn = chooseAnyLines(bytesOfText(text), seed);
      assert.equal(drawn.length, 8);
      for (const { start, end } of drawn)
        counts[end - start === 1 ? "\n" : "long line\n"]++;
    }
    assert.ok(Math.abs(counts["\n"] / 1600 - 0.5) < 0.05);
  });
});

describe("tokens of a line", () => {
  const tokenizer = tokenizerOf("<file>", "if", ";\n  ", "\n\n", "x");
  // "if;\n  if\n\nx"
  const tokens = [0, 1, 2, 1, 3, 4];
  const of = (start: number, end: number) =>
    tokensOfLine(tokenizer, tokens, 1, { start, end });

  it("are cut where it begins and ends", () => {
    assert.deepEqual(of(0, 4), [
      { position: 1, from: 0, to: 2 },
      { position: 2, from: 0, to: 2 },
    ]);
    assert.deepEqual(of(4, 9), [
      { position: 2, from: 2, to: 4 },
      { position: 3, from: 0, to: 2 },
      { position: 4, from: 0, to: 1 },
    ]);
    assert.deepEqual(of(9, 10), [{ position: 4, from: 1, to: 2 }]);
    assert.deepEqual(of(10, 11), [{ position: 5, from: 0, to: 1 }]);
  });
});

describe("bits of a part of a token", () => {
  const tokenizer = tokenizerOf(";", ";\n", ";\n  ", ";\n    ", "x");
  const probabilities = Float32Array.of(0.25, 0.125, 0.25, 0.125, 0.25);
  const bits = (from: number, to: number) =>
    bitsOfPart(tokenizer, probabilities, 2, { from, to });

  it("are those of all tokens that begin alike, and then of what is left", () => {
    assert.equal(bits(0, 2), 1);
    assert.equal(bits(2, 4), 1);
    assert.equal(bits(0, 1), -Math.log2(0.75));
  });

  it("add up to the token's", () => {
    assert.equal(bits(0, 4), 2);
    assert.ok(Math.abs(bits(0, 1) + bits(1, 2) + bits(2, 4) - 2) < 1e-12);
  });

  it("are many, but not infinite, where the token is impossible", () => {
    const none = new Float32Array(5);
    assert.equal(bitsOfPart(tokenizer, none, 2, { from: 0, to: 4 }), 149);
  });
});

describe("bits of lines in a file", () => {
  const opened = tinySubject();

  // No more lines than are drawn; none of the tokens goes from one to the next.
  const text = "let x in if\n\n  in let if x\n}\nlet in in x\nif let\n";
  const file: SourceFile = {
    path: "a.js",
    language: "javascript",
    languageId: "javascript",
    bytes: bytesOfText(text),
    text,
  };
  const known = { open: [] };

  /** As suggestions at all places of the lines would begin. */
  async function expectedBits(isRead: boolean): Promise<number> {
    const { runtime, tokenizer } = opened.subject;
    const key = `isRead: ${isRead}`;
    const start = opened.subject.documentStart(file.path);
    const tokens = tokensOf(opened.subject, file);
    let bits = 0;
    let before = "";
    for (let position = start.length; position < tokens.length; position++) {
      const suffix = text.slice(text.indexOf("\n", before.length));
      if (isRead) await runtime.readSuffix(key, start, signal, suffix);
      const asked = tokens.slice(0, position);
      const context = { suffix };
      const place = await runtime.prefill(key, asked, signal, context);
      const token = tokens[position]!;
      bits -= Math.log2(place.next()[token]!);
      before += Buffer.from(tokenizer.bytesOf(token)).toString();
    }
    return bits;
  }

  it("are what the runtime expects with the text behind them, before and after it is read", async () => {
    const rows = [true, false].map((suffix) => ({
      known,
      suffix,
      ranksNames: false,
    }));
    const evaluation = new FileEvaluation(opened.subject, file, rows);
    await evaluation.run(false);
    const [behind, alone] = evaluation.counts;
    const [unread, read] = [
      await expectedBits(false),
      await expectedBits(true),
    ];
    assert.ok(Math.abs(unread - read) > 1);
    assert.equal(behind!.lineBytes, file.bytes.length);
    assert.ok(Math.abs(behind!.lineBitsUnread - unread) < 1e-3);
    assert.ok(Math.abs(behind!.lineBits - read) < 1e-3);
    // Where nothing is known behind, there is nothing to compare.
    assert.equal(alone!.figures.lineBitsPerByte, null);
    assert.equal(alone!.figures.lineBitsPerByteUnread, null);
  });

  it("are alike if the network compares with nothing", async () => {
    const plain = await openSubject(opened.tiny.folder, { copies: false });
    const row = { known, suffix: true, ranksNames: false };
    const evaluation = new FileEvaluation(plain, file, [row]);
    await evaluation.run(false);
    const [{ lineBits, lineBitsUnread, bits }] = evaluation.counts as [
      (typeof evaluation.counts)[0],
    ];
    assert.equal(lineBits, lineBitsUnread);
    assert.ok(Math.abs(lineBits - bits) < 1e-3);
    await plain.network.dispose();
  });
});
