import assert from "node:assert/strict";
import type { Passage } from "../../../src/copying/passages";
import { linesElsewhere } from "../../../src/completion/wholeLine/linesElsewhere";
import { encode } from "../../../src/tokenizer/tokenizer";
import { between } from "../../support/cursor";
import { FakeTokenizer } from "../../support/fakeTokenizer";

const tokenizer = new FakeTokenizer();

/** What a text elsewhere is around the places of some tokens. */
function passagesIn(text: string, tokens: readonly number[]): Passage[] {
  const all = encode(tokenizer, Buffer.from(text));
  return all.flatMap((_, at) =>
    tokens.every((token, i) => all[at + i] === token)
      ? { before: all.slice(0, at + 3), after: all.slice(at + 3) }
      : [],
  );
}

/** The lines found in texts for the cursor between `before` and `after`. */
function found(
  elsewhere: readonly string[],
  before: string,
  after: string,
  most = 6,
): string[] {
  const passagesAround = (tokens: readonly number[]) =>
    elsewhere.flatMap((text) => passagesIn(text, tokens));
  const around = between(before, after);
  return linesElsewhere({ passagesAround }, tokenizer, around, most);
}

describe("lines that stand elsewhere before the next line", () => {
  it("are found by the next line, those with the same surroundings first", () => {
    const elsewhere = [
      "a();\nlock();\nreturn x;\n}\n",
      "b();\nopen();\nreturn x;\n\nend\n",
      "c();\nlock();\nreturn x;\n",
    ];
    const before = "b();\n";
    const after = "\nreturn x;\n}\n";
    assert.deepEqual(found(elsewhere, before, after), ["lock();", "open();"]);
    assert.deepEqual(found(elsewhere, before, "\nreturn x;\n\nend"), [
      "open();",
      "lock();",
    ]);
    assert.deepEqual(found(elsewhere, before, after, 1), ["lock();"]);
    assert.deepEqual(found(elsewhere, before, "\nother();\n"), []);
  });

  it("are indented as the next line here", () => {
    const elsewhere = ["x\n  if (a)\n    return;\n", "x\n\t\tfoo\n\tbar()\n"];
    assert.deepEqual(found(elsewhere, "x\n", "\n      return;\n"), [
      "    if (a)",
    ]);
    assert.deepEqual(found(elsewhere, "x\n\t", "\nbar()\n"), ["foo"]);
    // Less than nothing is no indentation.
    assert.deepEqual(found(elsewhere, "x\n", "\nreturn;\n"), []);
  });

  it("leave out what is typed of the indentation", () => {
    const elsewhere = ["x\n    foo();\n    bar();\n"];
    const after = "\n    bar();\n";
    assert.deepEqual(found(elsewhere, "x\n", after), ["    foo();"]);
    assert.deepEqual(found(elsewhere, "x\n  ", after), ["  foo();"]);
    // More was typed than the line has there.
    assert.deepEqual(found(elsewhere, "x\n      ", after), ["foo();"]);
  });

  it("have as many blank lines behind them as here", () => {
    const elsewhere = ["x\nfoo();\n\nbar();\n"];
    assert.deepEqual(found(elsewhere, "x\n", "\n\nbar();\n"), ["foo();"]);
    assert.deepEqual(found(elsewhere, "x\n", "\nbar();\n"), []);
    assert.deepEqual(found(elsewhere, "x\r\n", "\r\n\r\nbar();\r\n"), [
      "foo();",
    ]);
  });

  it("are whole lines of text", () => {
    assert.deepEqual(found(["foo();\nbar();\n"], "x\n", "\nbar();\n"), []);
    assert.deepEqual(found(["\n\nbar();\n"], "x\n", "\nbar();\n"), []);
    const halfCharacter = Buffer.from("x\n\u00e9\nbar();\n").subarray(0, 3);
    const text = halfCharacter.toString() + "\nbar();\n";
    assert.deepEqual(found([text], "x\n", "\nbar();\n"), []);
  });

  it("are not looked for where the next line is short, or there is none", () => {
    const elsewhere = ["x\nfoo();\n}", "x\nfoo();\n"];
    assert.deepEqual(found(elsewhere, "x\n", "\n}"), []);
    assert.deepEqual(found(elsewhere, "x\n", ""), []);
    assert.deepEqual(found(elsewhere, "x\n", "\n\n"), []);
    assert.deepEqual(found(elsewhere, "x\n", "}\n"), []);
  });
});
