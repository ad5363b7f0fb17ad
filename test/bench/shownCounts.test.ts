import assert from "node:assert/strict";
import { countShown, firstWord } from "../../bench/eval/shownCounts";
import type { Screen, TypedLine } from "../../bench/eval/typedLine";

/** A typed line from what was shown at each place. */
function typed(
  text: string,
  shownAt: Readonly<Record<number, string>>,
  places: readonly number[],
  more: Partial<TypedLine> & { rest?: string } = {},
): TypedLine {
  const screens: Screen[] = places.map((at) => ({
    typed: at,
    shown: shownAt[at] ?? "",
  }));
  const { rest = "", ...others } = more;
  const line = { text, rest };
  return { language: "c", line, isClosing: false, screens, ...others };
}

describe("what is counted on the screen", () => {
  it("counts keys, those with a suggestion and what of it is right", () => {
    // Place 0: "let " is right for one key, "y = 2;" is not. 4: "x" + " = 3;" wrong. 5: all right.
    const { figures } = countShown(
      typed(
        "let x = 1;",
        { 0: "let y = 2;", 4: "x = 3;", 8: "1;" },
        [0, 4, 8, 9],
      ),
    );
    assert.equal(figures.keys, 4);
    assert.equal(figures.share, 3 / 4);
    assert.equal(figures.firstWordRight, 3 / 3);
    assert.equal(figures.wholeRight, 1 / 3);
    // 4 of 10, 4 of 6, 2 of 2 characters.
    assert.equal(figures.charactersRight, 10 / 18);
    assert.equal(figures.keystrokesSaved, (10 - 4) / 10);
    assert.equal(figures.multiLineRight, null);
    assert.equal(figures.lineBroken, null);
    assert.equal(figures.syntaxErrorsAdded, null);
  });

  it("takes a suggestion that ends inside a word for wrong", () => {
    const { figures } = countShown(typed("values;", { 0: "value" }, [0]));
    assert.equal(figures.firstWordRight, 0);
    assert.equal(figures.wholeRight, 0);
    assert.equal(figures.charactersRight, 1);
  });

  it("is inside a name from two typed characters to its last but one", () => {
    const places = [0, 1, 2, 3, 4, 5, 6];
    const shown = Object.fromEntries(places.map((at) => [at, "x"]));
    const counts = countShown(typed("name+1;", shown, places));
    // "na" and "nam".
    assert.equal(counts.insideName, 2);
    assert.equal(counts.insideNameRight, 0);
    const right = countShown(typed("name+1;", { 2: "me", 3: "n" }, [2, 3]));
    assert.equal(right.figures.insideNameRight, 1 / 2);
  });

  it("holds suggestions of several lines to what is still to be written", () => {
    const rest = "\n  b();\n  c();";
    const shown = { 0: "a();\n  b();", 1: "();\n  c();", 2: ");\nb" };
    const { figures } = countShown(
      typed("a();", shown, [0, 1, 2, 3], { rest }),
    );
    assert.equal(figures.multiLineShare, 1);
    assert.equal(figures.multiLineRight, 1 / 3);
  });

  it("counts a change where the text on the screen is replaced, not where it grows", () => {
    const line = "ab(c);";
    const shown = {
      // Typed along, grows.
      0: "ax",
      1: "xy",
      // "b" is not "x": replaced.
      2: "(d",
      // Typed along and replaced.
      3: "e",
      // "c" is not "e"; nothing is shown, nothing is replaced.
    };
    const { figures } = countShown(typed(line, shown, [0, 1, 2, 3, 4, 5]));
    assert.equal(figures.changes, 2 / 6);
    assert.equal(figures.changesTypedAlong, 1 / 6);
  });

  it("counts no change where a part of it was taken", () => {
    const shown = { 0: "left(2)", 4: "(3" };
    const { figures } = countShown(typed("left = 3;", shown, [0, 4]));
    assert.equal(figures.changes, 0);
  });

  it("tells what breaks the line where the editor has closed a bracket", () => {
    const shown = { 2: "a, b)", 3: ", b", 4: "]" };
    const { figures } = countShown(
      typed("f(a, b);", shown, [2, 3, 4], { isClosing: true }),
    );
    assert.equal(figures.lineBroken, 2 / 3);
    // Behind the cursor stands ")", so that "a, b" would have been all.
    assert.equal(figures.wholeRight, 1 / 3);
  });

  it("counts suggestions that add an error of syntax where that is known", () => {
    const line = typed("f();", {}, []);
    const screens = [
      { typed: 0, shown: "f(", addsError: true },
      { typed: 1, shown: "()", addsError: false },

      { typed: 3, shown: ";" },
    ];
    const { figures } = countShown({ ...line, screens });
    assert.equal(figures.syntaxErrorsAdded, 1 / 2);
  });

  it("sums over lines", () => {
    const all = countShown(typed("a b c", { 0: "a b c" }, [0]));
    all.add(countShown(typed("a b c", {}, [0, 1, 2, 3, 4])));
    assert.equal(all.figures.keystrokesSaved, (10 - 6) / 10);
    assert.equal(all.figures.share, 1 / 6);
  });

  it("knows the first word", () => {
    assert.equal(firstWord("  return x"), "  return");
    assert.equal(firstWord("(a, b)"), "(");
    assert.equal(firstWord(");\n}"), ");");
    assert.equal(firstWord("größe + 1"), "größe");
    assert.equal(firstWord("\n"), "\n");
  });
});
