import assert from "node:assert/strict";
import fc from "fast-check";
import { PromptWindow } from "../../src/runtime/promptWindow";
import { endOfText, FakeTokenizer } from "../support/fakeTokenizer";

const tokenizer = new FakeTokenizer(["line", "foo"]);
const textOf = (tokens: readonly number[]) =>
  Buffer.concat(tokens.map((token) => tokenizer.bytesOf(token))).toString();
const fresh = () => new PromptWindow(tokenizer, [endOfText]);

/** 13 characters a line. */
const long = "line of text\n".repeat(80_000);

describe("prompt window", () => {
  it("holds all of a short document before the cursor", () => {
    const tokens = fresh().tokensBefore("one two\r\nthree", 12);
    assert.equal(tokens[0], endOfText);
    assert.equal(textOf(tokens), "one two\nthr");
  });

  it("is bounded in a long one, and starts with a line", () => {
    const text = textOf(fresh().tokensBefore(long, 800_000));
    assert.ok(text.length <= 256 * 1024 && text.length > 60_000);
    assert.ok(text.startsWith("line of text\n"));
    assert.ok(long.slice(0, 800_000).endsWith(text));
  });

  it("keeps its start while one types at its end", () => {
    const window = fresh();
    let text = long;
    const first = window.tokensBefore(text, text.length);
    for (let i = 0; i < 20; i++) {
      window.edit(text.length, text.length, "foo\n");
      text += "foo\n";
    }
    const tokens = window.tokensBefore(text, text.length);
    assert.deepEqual(tokens.slice(0, first.length), first);
  });

  it("moves with edits before it, and starts anew after one across its start", () => {
    const window = fresh();
    const before = textOf(window.tokensBefore(long, 800_000));
    window.edit(10, 20, "something longer than that");
    const text =
      long.slice(0, 10) + "something longer than that" + long.slice(20);
    assert.equal(textOf(window.tokensBefore(text, 800_016)), before);
    const start = 800_016 - before.length;
    window.edit(start - 5, start + 5, "x");
    const after = text.slice(0, start - 5) + "x" + text.slice(start + 5);
    assert.ok(
      after
        .slice(0, 800_007)
        .endsWith(textOf(window.tokensBefore(after, 800_007))),
    );
  });

  it("follows the cursor back", () => {
    const window = fresh();
    window.tokensBefore(long, 800_000);
    assert.equal(textOf(window.tokensBefore(long, 100)), long.slice(0, 100));
  });

  it("equals a fresh one after any edits", () => {
    const edit = fc.record({
      at: fc.nat(1000),
      length: fc.nat(5),
      text: fc.string({ maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.string(), fc.array(edit), (start, edits) => {
        let text = start;
        const window = fresh();
        for (const { at, length, text: replacement } of edits) {
          const from = Math.min(at, text.length);
          const to = Math.min(from + length, text.length);
          window.tokensBefore(text, from);
          window.edit(from, to, replacement);
          text = text.slice(0, from) + replacement + text.slice(to);
        }
        assert.deepEqual(
          window.tokensBefore(text, text.length),
          fresh().tokensBefore(text, text.length),
        );
      }),
    );
  });
});
