import assert from "node:assert/strict";
import fc from "fast-check";
import { lineFeeds } from "../../src/text/lineFeeds";

describe("line feeds", () => {
  it("take the place of every other line end, and of nothing else", () => {
    const line = fc.stringMatching(/^[a-z ]{0,3}$/);
    const rows = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")));
    fc.assert(
      fc.property(rows, line, (lines, last) => {
        // An empty line would join its LF to the CR before it.
        fc.pre(
          lines.every(
            ([text, end], i) =>
              text !== "" || end !== "\n" || lines[i - 1]?.[1] !== "\r",
          ),
        );
        const text = lines.map(([content, end]) => content + end).join("");
        const expected = lines.map(([content]) => `${content}\n`).join("");
        assert.equal(lineFeeds(text + last), expected + last);
      }),
    );
  });
});
