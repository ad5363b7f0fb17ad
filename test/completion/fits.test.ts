import assert from "node:assert/strict";
import { fitsAt } from "../../src/completion/fits";
import type { Syntax } from "../../src/syntax/syntax";

type Check = Parameters<Syntax["fitting"]>;

/** What is asked of a parser that answers with a length. */
function fits(length: number | undefined, selectedText = "") {
  const asked: Check[] = [];
  const syntax: Syntax = {
    fitting: (...check: Check) => (asked.push(check), length),
  };
  return { asked, fit: fitsAt(syntax, 4, 7, selectedText, "automatic") };
}

describe("how much of a text fits", () => {
  it("is asked of the parser, with the places where it may be cut", () => {
    const { asked, fit } = fits(6);
    assert.equal(fit("ab(c, dé1)"), 6);
    const [[edit, cuts]] = asked as [Check];
    assert.deepEqual(edit, { start: 4, end: 7, text: "ab(c, dé1)" });
    // Behind words and signs, not behind spaces: "ab", "(", "c", ",", "dé1" and ")".
    assert.deepEqual(cuts, [2, 3, 4, 5, 9, 10]);
  });

  it("is asked once a text", () => {
    for (const length of [1, undefined]) {
      const { asked, fit } = fits(length);
      assert.deepEqual(
        [fit("a;"), fit("a;"), fit("b;")],
        Array(3).fill(length),
      );
      assert.equal(asked.length, 2);
    }
  });

  it("is told without the item that comes first", () => {
    const { asked, fit } = fits(5, "foo");
    assert.equal(fit("(1)"), 2);
    const [[edit, cuts]] = asked as [Check];
    assert.deepEqual([edit.text, cuts], ["foo(1)", [4, 5, 6]]);
    // Not even the item fits.
    assert.equal(fits(1, "foo").fit("(1)"), 0);
    assert.equal(fits(0, "foo").fit("(1)"), 0);
  });
});
