import assert from "node:assert/strict";
import fc from "fast-check";
import { Documents } from "../../src/server/documents";
import { Parsing } from "../../src/server/parsing";
import { fakeLoadedModel, FakeModel } from "../support/fakeModel";
import { positionAt } from "../support/serverProcess";

const uri = "file:///a.ts";
const opened = (text: string) => {
  const documents = new Documents(new Parsing(assert.fail));
  return documents.didOpen({
    textDocument: { uri, languageId: "x", version: 1, text },
  });
};
const edit = (
  text: string,
  start: number,
  end: number,
  replacement: string,
) => ({
  textDocument: { uri, version: 2 },
  contentChanges: [
    {
      range: { start: positionAt(text, start), end: positionAt(text, end) },
      text: replacement,
    },
  ],
});

describe("documents", () => {
  it("know a deletion from typing", () => {
    const open = opened("abc");
    open.change(edit("abc", 3, 3, "d"));
    assert.equal(open.afterDeletion, false);
    open.change(edit("abcd", 3, 4, ""));
    assert.equal(open.afterDeletion, true);
    open.change(edit("abc", 0, 3, "x"));
    assert.equal(open.afterDeletion, false);
  });

  it("replace the whole text where a change has no range", () => {
    const open = opened("abc");
    open.change({
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: "new" }],
    });
    assert.equal(open.document.getText(), "new");
  });

  it("take null for what is absent", () => {
    const open = opened("abc");
    const changes = [
      { range: null, rangeLength: null, text: "one\rtwo" },
      {
        range: {
          start: { line: 1, character: 3 },
          end: { line: 9, character: 9 },
        },
        rangeLength: null,
        text: "!",
      },
    ];
    open.change({
      textDocument: { uri, version: 2 },
      contentChanges: changes,
    });
    assert.equal(open.document.getText(), "one\rtwo!");
    assert.equal(open.isOutOfStep, false);
  });

  it("are out of step after a change that cannot be made, until all text comes", () => {
    const beyond = { line: 3, character: 0 };
    for (const bad of [
      { range: 3, text: "" },
      { range: { start: beyond, end: beyond }, text: "x" },
      { text: 5 },
      "secret text",
      null,
    ]) {
      const open = opened("abc\n");
      const change = (...contentChanges: unknown[]) =>
        open.change({
          textDocument: { uri, version: 2 },
          contentChanges: contentChanges as never,
        });
      assert.throws(
        () => change(bad),
        (error: Error) => !error.message.includes("secret"),
      );
      assert.equal(open.isOutOfStep, true);
      assert.equal(open.document.getText(), "abc\n");
      change({ text: "new" });
      assert.equal(open.isOutOfStep, false);
      assert.equal(open.document.getText(), "new");
    }
  });

  it("keep their tokens in step with any edits, theirs or of what is read before them", () => {
    const model = fakeLoadedModel(
      new FakeModel({ script: () => "", words: ["foo", " bar"] }),
    );
    const code = fc.string({
      unit: fc.constantFrom("f", "o", " ", "b", "\n", "\r\n", "é", "😀"),
    });
    const edits = fc.array(
      fc.record({ at: fc.nat(50), length: fc.nat(4), text: code, lead: code }),
    );
    fc.assert(
      fc.property(code, edits, (start, changes) => {
        const open = opened(start);
        let text = start;
        for (const change of changes) {
          const { lead } = change;
          const window = open.windowFor(model, "a", lead);
          const from = Math.min(change.at, text.length);
          const to = Math.min(from + change.length, text.length);
          open.change(edit(text, from, to, change.text));
          text = open.document.getText();
          const whole = lead + text;
          assert.deepEqual(
            window.tokensBefore(whole, whole.length),
            opened(whole)
              .windowFor(model, "a")
              .tokensBefore(whole, whole.length),
          );
        }
      }),
    );
  });
});
