import assert from "node:assert/strict";
import { bitsOf, type MixedIn } from "../../bench/eval/bits";
import type { SourceFile } from "../../bench/eval/sourceFiles";
import { openBeside, tokensOf } from "../../bench/eval/typist";
import { uriOf } from "../../bench/eval/typing";
import { CopyIndex } from "../../src/copying/copyIndex";
import type { Context } from "../../src/runtime/runtime";
import { vectorReach } from "../../src/state/tokenVectors";
import { bytesOfText, encode } from "../../src/tokenizer/tokenizer";
import { tinySubject } from "../support/tinySubject";

const { signal } = new AbortController();

describe("bits of a file", () => {
  const opened = tinySubject();

  const open = sourceFile("open.js", 40);
  const closed = sourceFile("closed.js", 60);

  /** A row for each context: the file alone, with an open one, with a closed one, too. */
  async function rowsAndContexts(): Promise<[MixedIn[], Context[]]> {
    const { tokenizer, runtime, sources } = opened.subject;
    const indexOf = (tokens: readonly number[]) => {
      const index = new CopyIndex(sources.firstText);
      index.update(tokens);
      return index;
    };
    await openBeside(opened.subject, [open]);
    const index = indexOf(encode(tokenizer, closed.bytes));
    await runtime.readFile(
      index,
      opened.subject.documentStart(closed.path),
      signal,
    );
    const others = [uriOf(open)];
    const contexts = [{}, { others }, { others, more: [index] }];
    const openIndex = indexOf(tokensOf(opened.subject, open));
    const rows = contexts.map((context: Context, i) => {
      const { others, more = [] } = context;
      const vectors = runtime.nearVectors(context);
      assert.equal(vectors.length, i);
      return {
        suffix: false,
        others: [...(others ? [openIndex] : []), ...more],
        vectors,
      };
    });
    return [rows, contexts];
  }

  /** As a suggestion at each place of a file would begin. */
  async function expectedBits(
    file: SourceFile,
    start: number,
    context: Context,
  ): Promise<number> {
    const tokens = tokensOf(opened.subject, file);
    let bits = 0;
    for (let position = start; position < tokens.length; position++) {
      const { runtime } = opened.subject;
      const before = tokens.slice(0, position);
      const key = uriOf(file);
      const continuation = await runtime.prefill(key, before, signal, context);
      bits -= Math.log2(continuation.next()[tokens[position]!]!);
    }
    return bits;
  }

  it("are what the runtime expects token by token, with neighbours in the file and in others", async () => {
    const file = sourceFile("a.js", 90);
    const { length: start } = opened.subject.documentStart(file.path);
    const tokens = tokensOf(opened.subject, file);
    // Runs of many lengths.
    const keep = [7, 40, 150, 151];
    const [rows, contexts] = await rowsAndContexts();
    const bits = await bitsOf(opened.subject, file, tokens, start, keep, rows);
    for (const [i, context] of contexts.entries()) {
      const expected = await expectedBits(file, start, context);
      assert.ok(Math.abs(bits[i]! - expected) < 1e-3, `row ${i}`);
    }
    const bitsWithout = (source: "neighbourGate" | "reranker") => {
      const sources = { ...opened.subject.sources, [source]: undefined };
      const changed = { ...opened.subject, sources };
      return bitsOf(changed, file, tokens, start, keep, rows);
    };
    const unranked = await bitsWithout("reranker");
    assert.ok(unranked.every((each, i) => Math.abs(each - bits[i]!) > 1));
    const without = await bitsWithout("neighbourGate");
    // So what is compared makes a difference, in each of them another one.
    const effects = bits.map((bits, i) => Math.abs(bits - without[i]!));
    assert.ok(effects.every((effect) => effect > 1));
    assert.ok(Math.abs(effects[1]! - effects[2]!) > 0.05);
  });

  it("are so where the first tokens are no longer in reach", async () => {
    const file = sourceFile("long.js", 2000);
    const tokens = tokensOf(opened.subject, file);
    const start = tokens.length - 20;
    assert.ok(start > vectorReach + 64);
    await opened.subject.runtime.readAhead(uriOf(file), tokens, signal);
    const rows = [{ suffix: false, others: [], vectors: [] }];
    const bits = await bitsOf(opened.subject, file, tokens, start, [], rows);
    const expected = await expectedBits(file, start, {});
    assert.ok(Math.abs(bits[0]! - expected) < 1e-3);
  });
});

/** A file of words that come again and again. */
function sourceFile(path: string, words: number): SourceFile {
  const word = (i: number) => ["let", "in", "if", path, "x"][((i * i) % 7) % 5];
  const text = Array.from({ length: words }, (_, i) => word(i)).join(" ");
  const bytes = bytesOfText(text);
  const language = "javascript";
  return { path, languageId: language, language, bytes, text };
}
