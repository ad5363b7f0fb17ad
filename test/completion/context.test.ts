import assert from "node:assert/strict";
import {
  lineEndOf,
  suffixAfterLine,
  type CompletionRequest,
} from "../../src/completion/context";
import { fingerprint } from "../../src/completion/fingerprint";
import { between, contextAt } from "../support/cursor";

describe("the context of a request", () => {
  it("asks for the confidence of its setting, by hand for none", () => {
    const ofLine = (...given: Parameters<typeof contextAt>) =>
      contextAt(...given).minConfidence.line;
    const [often, rare] = (["often", "rare"] as const).map((suggestions) =>
      ofLine("a█", { settings: { suggestions } }),
    );
    assert.ok(often! > 0 && often! < rare!);
    assert.equal(ofLine("a█", { trigger: "invoked" }), 0);
  });

  it("has the line end of the text's first line", () => {
    for (const [text, eol] of [
      ["", "\n"],
      ["a", "\n"],
      ["a\nb\r\n", "\n"],
      ["a\r\nb\n", "\r\n"],
      ["a\rb\n", "\r"],
      ["a\rb\r", "\r"],
      ["\r\n", "\r\n"],
      ["\r", "\r"],
    ] as const)
      assert.equal(lineEndOf(text), eol, JSON.stringify(text));
  });

  it("knows what follows the line of a place, line ends of any kind", () => {
    for (const [text, offset, suffix] of [
      ["ab", 1, ""],
      ["ab\ncd", 1, "\ncd"],
      ["ab\ncd\nef", 3, "\nef"],
      ["ab\r\ncd", 1, "\ncd"],
      ["ab\rcd\nef", 1, "\rcd\nef"],
      ["ab\r", 1, "\r"],
      ["ab\r", 2, "\r"],
      ["\r", 0, "\r"],
      ["\rab\n", 0, "\rab\n"],
      ["a\rb\r\n", 2, "\n"],
      ["ab\rcd", 0, "\rcd"],
      ["\n", 0, "\n"],
    ] as const)
      assert.equal(
        suffixAfterLine(text, offset),
        suffix,
        JSON.stringify([text, offset]),
      );
  });

  it("keeps an offset within the text", () => {
    assert.equal(contextAt("abc█", { offset: 99 }).offset, 3);
    assert.equal(contextAt("abc█", { offset: -1 }).offset, 0);
  });

  it("has the item that is selected in the list as if it were typed", () => {
    const context = contextAt("x.ab█;\nnext", {
      selectedItem: { start: 2, end: 4, text: "abs" },
    });
    const { before, after, start, end, selectedText } = context;
    assert.deepEqual(
      { before, after, start, end, selectedText },
      {
        before: "x.abs",
        after: ";\nnext",
        start: 2,
        end: 4,
        selectedText: "abs",
      },
    );
    assert.equal(context.linePrefix, "x.abs");
    assert.equal(context.lineSuffix, ";");
  });

  it("has the rest of the line, which may be the last one", () => {
    const { linePrefix, lineSuffix } = contextAt("a\nbc█d");
    assert.deepEqual([linePrefix, lineSuffix], ["bc", "d"]);
    const next = contextAt("█\nb");
    assert.deepEqual([next.linePrefix, next.lineSuffix], ["", ""]);
    assert.equal(between("a", "b").beforeIsWhole, true);
    assert.equal(between("a".repeat(16_385), "b").beforeIsWhole, false);
    assert.equal(contextAt("a\r\nb█\r\n").before, "a\nb");
    assert.equal(contextAt("a█\rb\r\nc").after, "\nb\nc");
  });

  it("asks the parser at the offsets of the text that it knows", () => {
    const asked: unknown[] = [];
    const syntax = {
      fitting: (edit: unknown) => (asked.push(edit), 1),
    } as unknown as NonNullable<CompletionRequest["syntax"]>;
    const selectedItem = { start: 10, end: 12, text: "foo" };
    const given = { syntax, syntaxStart: 9, selectedItem };
    contextAt("# a cell\nfo█;", { ...given, offset: 11 }).fits!("(1)");
    assert.deepEqual(asked, [{ start: 1, end: 3, text: "foo(1)" }]);
    assert.equal(contextAt("a█").fits, undefined);
  });

  it("holds 16 KiB before the cursor and 8 KiB after it", () => {
    const context = contextAt(`${"a".repeat(20_000)}█${"b".repeat(10_000)}`);
    assert.equal(context.before.length, 16 * 1024);
    assert.equal(context.after.length, 8 * 1024);
    assert.equal(context.beforeIsWhole, false);
    assert.equal(contextAt(`${"a".repeat(16 * 1024)}█`).beforeIsWhole, true);
  });
});

describe("fingerprint", () => {
  const far = 256 * 1024;
  const of = (before: string, after: string, typed = 0, environment = "") =>
    fingerprint(contextAt(`${before}█${after}`, { environment }), typed);

  it("is the same while a suggestion is typed, and whatever the line's rest", () => {
    const made = of("let a = ", ");\nnext");
    assert.equal(of("let a = foo", ");\nnext", 3), made);
    assert.equal(of("let a = ", "));\nnext"), made);
    assert.notEqual(of("let a = foo", ");\nnext"), made);
  });

  it("changes with the text on either side and with the environment", () => {
    const made = of("let a = ", "\nnext");
    assert.notEqual(of("let b = ", "\nnext"), made);
    assert.notEqual(of("Let a = ", "\nnext"), made);
    assert.notEqual(of("let a = ", "\nother"), made);
    assert.notEqual(of("let a = ", "\nnext", 0, "model"), made);
    // What ends the one does not begin the other.
    assert.notEqual(of("let a = \0", "\nnext"), made);
  });

  it("goes as far as the network reads, and half as far where its window slides", () => {
    const start = "x".repeat(far);
    assert.notEqual(of(`1${start.slice(1)}`, ""), of(start, ""));
    assert.equal(of(`1${start}`, ""), of(`2${start}`, ""));
    const half = "x".repeat(far / 2);
    const wide = (first: string) => of("y".repeat(far) + first + half, "");
    assert.equal(wide("1"), wide("2"));
    const near = (first: string) =>
      of("y".repeat(far) + first + half.slice(1), "");
    assert.notEqual(near("1"), near("2"));
    const after = "z".repeat(far - 1);
    assert.equal(of("", `\n${after}1`), of("", `\n${after}2`));
    assert.notEqual(of("", `\n1${after}`), of("", `\n2${after}`));
  });

  it("reads CRLF as LF", () => {
    assert.equal(of("a\r\nb", ""), of("a\nb", ""));
  });
});
