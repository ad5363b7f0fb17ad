import assert from "node:assert/strict";
import fc from "fast-check";
import { findPassage } from "../../src/text/findPassage";

const find = (
  text: string,
  before: string,
  after: string,
  take?: "first" | "last",
) => findPassage(text, Buffer.from(before), Buffer.from(after), take);

describe("a passage in its text", () => {
  it("is found with its line, whatever line ends the text has", () => {
    for (const eol of ["\n", "\r\n", "\r"])
      assert.deepEqual(
        find(
          ["one", "two äü three", "four"].join(eol),
          "one\ntwo äü ",
          "three\n",
        ),
        { line: 1, character: 7, text: "two äü three" },
      );
  });

  it("is the first or the last of several", () => {
    const text = "a = b;\nc\na = b;\n";
    assert.equal(find(text, "a = ", "b;\n")?.line, 0);
    assert.equal(find(text, "a = ", "b;\n", "last")?.line, 2);
  });

  it("is found by its own line where the rest has changed", () => {
    assert.deepEqual(find("new\nlet x = 1;\nnew", "old\nlet x = ", "1;\nold"), {
      line: 1,
      character: 8,
      text: "let x = 1;",
    });
  });

  it("belongs to the next line where it begins with the line's end", () => {
    assert.deepEqual(find("abc\n  def", "abc", "\n  def"), {
      line: 1,
      character: 0,
      text: "  def",
    });
  });

  it("is not found by a character or two, nor where it is not", () => {
    assert.equal(find("a(b)", "", "(b"), undefined);
    assert.equal(find("abc", "xyz", "w"), undefined);
  });

  it("has the line and column that the text has there, by any cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme", minLength: 4, maxLength: 9 }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.nat(),
        (lines, cut) => {
          const clean = lines.map(
            (line, i) => `${i}:${line.replace(/[\r\n]/g, "")}`,
          );
          const text = clean.join("\n");
          const points = [...text];
          const at = points.slice(0, cut % points.length).join("").length;
          if (text[at] === "\n") return;
          const place = find(text, text.slice(0, at), text.slice(at));
          const head = text.slice(0, at).split("\n");
          assert.equal(place?.line, head.length - 1);
          assert.equal(place?.character, head.at(-1)!.length);
          assert.equal(place?.text, clean[head.length - 1]);
        },
      ),
    );
  });
});
